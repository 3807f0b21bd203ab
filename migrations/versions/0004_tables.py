"""tables with columns, versions and a history"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sheet_upload',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('person_id', sa.String(length=40), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['source'], ['source.key'], name=op.f('fk_sheet_upload_source_source'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sheet_upload'))
    )
    with op.batch_alter_table('sheet_upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sheet_upload_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_sheet_upload_source'), ['source'], unique=False)

    op.create_table('source_change',
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('row_id', sa.String(length=40), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('after', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['source'], ['source.key'], name=op.f('fk_source_change_source_source'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source', 'version', 'row_id', name=op.f('pk_source_change'))
    )
    with op.batch_alter_table('source', schema=None) as batch_op:
        batch_op.add_column(sa.Column('columns', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('source_row', schema=None) as batch_op:
        batch_op.add_column(sa.Column('search', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_index('ix_source_row_order', ['source', 'active', 'position'], unique=False)
    _searchable(op.get_bind())


def _searchable(bind: sa.Connection) -> None:
    """Rows that are there are found by code and name."""
    row = sa.table('source_row', *(sa.column(name) for name in ('source', 'id', 'label', 'search')))
    for found in bind.execute(sa.select(row)).all():
        bind.execute(sa.update(row).where(row.c.source == found.source, row.c.id == found.id)
                     .values(search=f'{found.id}\n{found.label}'.casefold()))


def downgrade() -> None:
    with op.batch_alter_table('source_row', schema=None) as batch_op:
        batch_op.drop_index('ix_source_row_order')
        batch_op.drop_column('version')
        batch_op.drop_column('search')

    with op.batch_alter_table('source', schema=None) as batch_op:
        batch_op.drop_column('version')
        batch_op.drop_column('columns')

    op.drop_table('source_change')
    op.drop_table('sheet_upload')
