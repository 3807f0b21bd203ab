"""what triggers opened by themselves"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('opening',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('type_key', sa.String(length=64), nullable=False),
    sa.Column('trigger', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('ticket_id', sa.String(length=36), nullable=True),
    sa.Column('customer_id', sa.String(length=40), nullable=True),
    sa.Column('problems', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('news', sa.Text(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening')),
    sa.UniqueConstraint('key', name=op.f('uq_opening_key'))
    )
    op.create_index(op.f('ix_opening_at'), 'opening', ['at'], unique=False)
    op.create_index('ix_opening_type', 'opening', ['type_key', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_opening_type', table_name='opening')
    op.drop_index(op.f('ix_opening_at'), table_name='opening')
    op.drop_table('opening')
