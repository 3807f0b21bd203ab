"""a repeated request is recognised by its key"""
from alembic import op
import sqlalchemy as sa
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('same_key', sa.String(length=64), nullable=True))
    op.create_index('ix_ticket_same_key', 'ticket', ['same_key'], unique=False,
                    postgresql_where=sa.text('same_key IS NOT NULL'), sqlite_where=sa.text('same_key IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_ticket_same_key', table_name='ticket')
    op.drop_column('ticket', 'same_key')
