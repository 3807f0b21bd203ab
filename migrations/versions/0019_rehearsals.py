"""rehearsals are worked off by a worker and kept"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rehearsal',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('job', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('of', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('failed', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rehearsal'))
    )
    op.create_index('ix_rehearsal_flow', 'rehearsal', ['flow', 'by'], unique=False)
    op.create_index('ix_rehearsal_state', 'rehearsal', ['state', 'at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_rehearsal_state', table_name='rehearsal')
    op.drop_index('ix_rehearsal_flow', table_name='rehearsal')
    op.drop_table('rehearsal')
