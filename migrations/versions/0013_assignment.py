"""what assignment goes by: skills, places and shifts of people, tallies of what they were given, managers of customers"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
    op.add_column('person', sa.Column('profile', json, server_default='{}', nullable=False))
    op.add_column('customer', sa.Column('manager_id', sa.String(length=40), nullable=True))
    op.create_table('tally',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('turn', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('span', sa.BigInteger(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_tally')),
    postgresql_with={'fillfactor': 70},
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('tally')
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.drop_column('manager_id')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('profile')
