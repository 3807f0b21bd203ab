"""what happens to customers"""
from alembic import op
import sqlalchemy as sa
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=120), nullable=True),
    sa.Column('customer_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('before', sa.String(length=80), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_event')),
    sa.UniqueConstraint('key', name=op.f('uq_customer_event_key'))
    )
    op.create_index('ix_customer_event_customer', 'customer_event', ['customer_id', 'at'], unique=False)
    op.create_index('ix_customer_event_kind', 'customer_event', ['kind', 'name', 'id'], unique=False)
    op.create_index('ix_customer_event_new', 'customer_event', ['id'], unique=False,
                    postgresql_where=sa.text('told_at IS NULL'), sqlite_where=sa.text('told_at IS NULL'))
    op.add_column('customer', sa.Column('told_at', sa.BigInteger(), nullable=True))
    op.execute('UPDATE customer SET told_at = created_at')  # nobody is new any more
    op.create_index('ix_customer_new', 'customer', ['id'], unique=False,
                    postgresql_where=sa.text('told_at IS NULL'), sqlite_where=sa.text('told_at IS NULL'))


def downgrade() -> None:
    op.drop_index('ix_customer_new', table_name='customer')
    op.drop_column('customer', 'told_at')
    op.drop_table('customer_event')
