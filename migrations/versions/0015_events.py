"""events of other systems, and the tickets that wait for them"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

# As with 0008: nobody hands out a right that they do not hold.
HELD, NEW = 'org.manage', 'events.send'


def upgrade() -> None:
    op.create_table(
        'listener',
        sa.Column('ticket_id', sa.String(length=36), nullable=False),
        sa.Column('key', sa.String(length=120), nullable=False),
        sa.Column('mark', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('ticket_id', 'key', name=op.f('pk_listener')),
        sqlite_with_rowid=False,
    )
    op.create_index('ix_listener_mark', 'listener', ['mark'])
    op.create_table(
        'outside_event',
        sa.Column('id', sa.String(length=120), nullable=False),
        sa.Column('request_hash', sa.String(length=64), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('mark', sa.String(length=64), nullable=False),
        sa.Column('data', sa.Text(), nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outside_event')),
    )
    op.create_index('ix_outside_event_mark', 'outside_event', ['mark', 'at'])
    op.create_index('ix_outside_event_at', 'outside_event', ['at'])
    role = sa.table('role', sa.column('key', sa.String),
                    sa.column('rights', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')))
    bind = op.get_bind()
    for found in bind.execute(sa.select(role)).all():
        if HELD in found.rights and NEW not in found.rights:
            bind.execute(sa.update(role).where(role.c.key == found.key).values(rights=sorted({*found.rights, NEW})))


def downgrade() -> None:
    """A right that an older version does not know is not looked at."""
    op.drop_table('outside_event')
    op.drop_table('listener')
