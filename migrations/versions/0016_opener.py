"""a ticket's list knows the colleague who opened it"""
from alembic import op
import sqlalchemy as sa
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('opener_id', sa.String(length=40), nullable=True))
    op.create_index('ix_ticket_opener_id', 'ticket', ['opener_id'], unique=False,
                    postgresql_where=sa.text('opener_id IS NOT NULL'), sqlite_where=sa.text('opener_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_ticket_opener_id', table_name='ticket')
    op.drop_column('ticket', 'opener_id')
