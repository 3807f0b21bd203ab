"""what time is counted from"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('watch',
    sa.Column('type_key', sa.String(length=64), nullable=False),
    sa.Column('trigger', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('looked_at', sa.BigInteger(), nullable=False),
    sa.Column('check_at', sa.BigInteger(), nullable=False),
    sa.Column('done', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('type_key', 'trigger', 'subject', name=op.f('pk_watch'))
    )
    op.create_index('ix_watch_check_at', 'watch', ['check_at'], unique=False)
    op.add_column('schedule_state', sa.Column('seen_no', sa.BigInteger(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('schedule_state', 'seen_no')
    op.drop_index('ix_watch_check_at', table_name='watch')
    op.drop_table('watch')
