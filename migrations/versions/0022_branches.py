"""departments' branches of flows"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

# Nobody hands out a right they do not hold: without this, nobody in a company that was there before could have it.
HELD, NEW = 'org.manage', 'flows.branch'


def upgrade() -> None:
    op.create_table('flow_branch',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('department', sa.String(length=40), nullable=False),
    sa.Column('base', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('base_version', sa.Integer(), nullable=False),
    sa.Column('base_at', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('requested_at', sa.BigInteger(), nullable=True),
    sa.Column('requested_by', sa.String(length=40), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('ended', sa.String(length=10), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('ended_by', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_flow_branch'))
    )
    op.create_index(op.f('ix_flow_branch_flow'), 'flow_branch', ['flow'], unique=False)
    role = sa.table('role', sa.column('key', sa.String),
                    sa.column('rights', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')))
    bind = op.get_bind()
    for found in bind.execute(sa.select(role)).all():
        if HELD in found.rights and NEW not in found.rights:
            bind.execute(sa.update(role).where(role.c.key == found.key).values(rights=sorted({*found.rights, NEW})))


def downgrade() -> None:
    # What was changed in branches goes with them; the flows are not touched.
    op.execute('DELETE FROM flow_scenarios WHERE flow IN (SELECT key FROM flow_branch)')
    op.execute("DELETE FROM definition WHERE kind = 'branch'")
    op.drop_index(op.f('ix_flow_branch_flow'), table_name='flow_branch')
    op.drop_table('flow_branch')
