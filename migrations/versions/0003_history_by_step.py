"""history: a row for each step instead of one for each event; what only the step writes refers without a constraint"""
import hashlib
import json
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.vault import vault

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

JSONB = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
# table → (column, table it refers to, further words for SQLite's rebuilding of the table)
REFERENCES = {
    'task': ('ticket_id', 'ticket', {'sqlite_with_rowid': False}),
    'task_candidate': ('task_id', 'task', {'sqlite_with_rowid': False}),
    'timer': ('ticket_id', 'ticket', {'sqlite_with_rowid': False}),
    'outbox': ('ticket_id', 'ticket', {}),
}


def upgrade() -> None:
    op.create_table('ticket_history',
    sa.Column('ticket_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('actor_type', sa.String(length=20), nullable=False),
    sa.Column('actor_id', sa.String(length=40), nullable=True),
    sa.Column('marks', JSONB, nullable=False),
    sa.Column('bodies', sa.JSON(), nullable=False),
    sa.Column('mac', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('ticket_id', 'version', name=op.f('pk_ticket_history'))
    )
    _fold(op.get_bind())
    op.drop_table('ticket_event')
    for table, (column, target, kwargs) in REFERENCES.items():
        with op.batch_alter_table(table, schema=None, table_kwargs=kwargs) as batch_op:
            batch_op.drop_constraint(op.f(f'fk_{table}_{column}_{target}'), type_='foreignkey')
    _index_assignees("status = 'open' AND assignee_id IS NOT NULL")


def _fold(bind: sa.Connection) -> None:
    """Every step's events become one row, chained anew."""
    events = sa.table('ticket_event', *(sa.column(name) for name in (
        'ticket_id', 'seq', 'version', 'kind', 'node', 'actor_type', 'actor_id', 'at')), sa.column('body', JSONB))
    history = sa.table('ticket_history', *(sa.column(name) for name in (
        'ticket_id', 'version', 'seq', 'at', 'actor_type', 'actor_id', 'mac', 'hash')),
        sa.column('marks', JSONB), sa.column('bodies', sa.JSON()))
    ticket = sa.table('ticket', sa.column('id'), sa.column('head'))
    rows = bind.execute(sa.select(events).order_by(events.c.ticket_id, events.c.seq)).all()
    for ticket_id, of_ticket in groupby(rows, attrgetter('ticket_id')):
        head = ''
        for version, of_step in groupby(of_ticket, attrgetter('version')):
            step = list(of_step)
            last, marks, bodies = step[-1], [[event.kind, event.node] for event in step], [event.body for event in step]
            mac = vault().blind(_canonical(bodies), f'history/{ticket_id}')
            covered = (head, ticket_id, version, last.at, last.actor_type, last.actor_id, _canonical(marks), mac)
            head = hashlib.sha256('\n'.join(map(str, covered)).encode()).hexdigest()
            bind.execute(sa.insert(history).values(
                ticket_id=ticket_id, version=version, seq=last.seq, at=last.at, actor_type=last.actor_type,
                actor_id=last.actor_id, marks=marks, bodies=bodies, mac=mac, hash=head))
        bind.execute(sa.update(ticket).where(ticket.c.id == ticket_id).values(head=head))


def _index_assignees(where: str) -> None:
    op.drop_index('ix_task_assignee_open', table_name='task')
    op.create_index('ix_task_assignee_open', 'task', ['assignee_id', 'due_at'], unique=False,
                    postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _canonical(value: object) -> str:
    return json.dumps(value, separators=(',', ':'), sort_keys=True)


def downgrade() -> None:
    if op.get_bind().execute(sa.text('SELECT 1 FROM ticket_history LIMIT 1')).first():
        raise RuntimeError('Histories cannot be taken apart again; restore the backup made before the upgrade.')
    op.create_table('ticket_event',
    sa.Column('ticket_id', sa.String(length=36), nullable=False),
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('node', sa.String(length=64), nullable=True),
    sa.Column('actor_type', sa.String(length=20), nullable=False),
    sa.Column('actor_id', sa.String(length=40), nullable=True),
    sa.Column('body', JSONB, nullable=False),
    sa.Column('mac', sa.String(length=64), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_event_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('ticket_id', 'seq', name=op.f('pk_ticket_event'))
    )
    for table, (column, target, kwargs) in REFERENCES.items():
        with op.batch_alter_table(table, schema=None, table_kwargs=kwargs) as batch_op:
            batch_op.create_foreign_key(op.f(f'fk_{table}_{column}_{target}'), target, [column], ['id'])
    _index_assignees("status = 'open'")
    op.drop_table('ticket_history')
