"""comments beside a flow"""
from alembic import op
import sqlalchemy as sa
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('flow_comment',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('thread', sa.String(length=36), nullable=False),
    sa.Column('step', sa.String(length=40), nullable=False),
    sa.Column('step_name', sa.String(length=80), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('resolved_by', sa.String(length=40), nullable=False),
    sa.Column('resolved_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flow_comment'))
    )
    op.create_index('ix_flow_comment_flow', 'flow_comment', ['flow', 'at'], unique=False)
    op.create_table('flow_comment_seen',
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('step', sa.String(length=40), nullable=False),
    sa.Column('person', sa.String(length=40), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('flow', 'step', 'person', name=op.f('pk_flow_comment_seen'))
    )


def downgrade() -> None:
    op.drop_table('flow_comment_seen')
    op.drop_index('ix_flow_comment_flow', table_name='flow_comment')
    op.drop_table('flow_comment')
