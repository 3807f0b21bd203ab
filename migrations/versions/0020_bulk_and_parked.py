"""one table for what is done to many tickets; tickets that stand still are found by a column"""
import json

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

PARKED = sa.text('parked IS NOT NULL')
BATCH = 500


def upgrade() -> None:
    _tables('bulk_run', 'bulk_ticket', [sa.Column('kind', sa.String(length=40), nullable=False),
                                        sa.Column('about', sa.String(length=64), nullable=False)])
    op.create_index('ix_bulk_run_about', 'bulk_run', ['kind', 'about', 'at'], unique=False)
    op.execute("INSERT INTO bulk_run (id, kind, about, version, total, at, by)"
               " SELECT id, 'form_upgrade', form, version, total, at, by FROM form_upgrade")
    op.execute("INSERT INTO bulk_ticket (run_id, ticket_id, state, code, params)"
               " SELECT run_id, ticket_id, state, code, params FROM form_upgrade_ticket")
    op.execute("UPDATE outbox SET key = 'bulk:' || substr(key, 14) WHERE kind = 'form_upgrade'")
    op.drop_table('form_upgrade_ticket')
    op.drop_index('ix_form_upgrade_form', table_name='form_upgrade')
    op.drop_table('form_upgrade')

    op.create_table('parked_told',
    sa.Column('ticket_id', sa.String(length=36), nullable=False),
    sa.Column('cause', sa.String(length=150), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_parked_told')),
    sqlite_with_rowid=False
    )
    op.add_column('ticket', sa.Column('parked', sa.String(length=150), nullable=True))
    op.add_column('ticket', sa.Column('parked_at', sa.BigInteger(), nullable=True))
    _mark_parked()
    op.create_index('ix_ticket_parked', 'ticket', ['type_key', 'parked', 'no'], unique=False,
                    postgresql_where=PARKED, sqlite_where=PARKED)


def _mark_parked() -> None:
    """Tickets that stand still already."""
    bind, last = op.get_bind(), 0
    while True:
        rows = bind.execute(sa.text("SELECT no, state, updated_at FROM ticket WHERE status = 'open' AND no > :last"
                                    " ORDER BY no LIMIT :n"), {'last': last, 'n': BATCH}).all()
        for no, state, at in rows:
            parked = (json.loads(state) if isinstance(state, str) else state).get('parked') or []
            if parked:
                cause = f"{parked[0]['node']}:{parked[0]['code']}"[:150]
                bind.execute(sa.text('UPDATE ticket SET parked = :cause, parked_at = :at WHERE no = :no'),
                             {'cause': cause, 'at': at, 'no': no})
        if len(rows) < BATCH:
            return
        last = rows[-1].no


def _tables(run: str, ticket: str, about: list[sa.Column]) -> None:
    op.create_table(run,
    sa.Column('id', sa.String(length=36), nullable=False),
    *about,
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{run}'))
    )
    op.create_table(ticket,
    sa.Column('run_id', sa.String(length=36), nullable=False),
    sa.Column('ticket_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=True),
    sa.Column('params', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.PrimaryKeyConstraint('run_id', 'ticket_id', name=op.f(f'pk_{ticket}')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_index('ix_ticket_parked', table_name='ticket')
    op.drop_column('ticket', 'parked_at')
    op.drop_column('ticket', 'parked')
    op.drop_table('parked_told')
    _tables('form_upgrade', 'form_upgrade_ticket', [sa.Column('form', sa.String(length=40), nullable=False),
                                                    sa.Column('version_id', sa.String(length=36), nullable=False)])
    op.create_index('ix_form_upgrade_form', 'form_upgrade', ['form', 'at'], unique=False)
    op.execute("INSERT INTO form_upgrade (id, form, version_id, version, total, at, by)"
               " SELECT id, about, '', version, total, at, by FROM bulk_run WHERE kind = 'form_upgrade'")
    op.execute("INSERT INTO form_upgrade_ticket (run_id, ticket_id, state, code, params)"
               " SELECT run_id, ticket_id, state, code, params FROM bulk_ticket"
               " WHERE run_id IN (SELECT id FROM form_upgrade)")
    op.execute("UPDATE outbox SET key = 'form_upgrade:' || substr(key, 6) WHERE kind = 'form_upgrade'")
    op.drop_table('bulk_ticket')
    op.drop_index('ix_bulk_run_about', table_name='bulk_run')
    op.drop_table('bulk_run')
