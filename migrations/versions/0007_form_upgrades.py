"""upgrading open tickets to a form's new version"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('form_upgrade',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('form', sa.String(length=40), nullable=False),
    sa.Column('version_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_upgrade'))
    )
    with op.batch_alter_table('form_upgrade', schema=None) as batch_op:
        batch_op.create_index('ix_form_upgrade_form', ['form', 'at'], unique=False)

    op.create_table('form_upgrade_ticket',
    sa.Column('run_id', sa.String(length=36), nullable=False),
    sa.Column('ticket_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=True),
    sa.Column('params', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.PrimaryKeyConstraint('run_id', 'ticket_id', name=op.f('pk_form_upgrade_ticket')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('form_upgrade_ticket')
    with op.batch_alter_table('form_upgrade', schema=None) as batch_op:
        batch_op.drop_index('ix_form_upgrade_form')

    op.drop_table('form_upgrade')
