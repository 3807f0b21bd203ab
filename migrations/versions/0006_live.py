"""sources whose rows live in another system"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('source_answer',
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('words', sa.String(length=60), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('rows', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['source'], ['source.key'], name=op.f('fk_source_answer_source_source'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source', 'words', name=op.f('pk_source_answer'))
    )
    with op.batch_alter_table('source_answer', schema=None) as batch_op:
        batch_op.create_index('ix_source_answer_age', ['source', 'at'], unique=False)

    with op.batch_alter_table('source', schema=None) as batch_op:
        batch_op.add_column(sa.Column('live', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('source', schema=None) as batch_op:
        batch_op.drop_column('live')

    with op.batch_alter_table('source_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_source_answer_age')

    op.drop_table('source_answer')
