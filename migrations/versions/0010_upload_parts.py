"""large files come in pieces; recordings know their length"""
from alembic import op
import sqlalchemy as sa
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('upload', sa.Column('ms', sa.BigInteger(), nullable=True))
    op.create_table('upload_part',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('session_key', sa.String(length=64), nullable=False),
    sa.Column('field', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('storage_key', sa.Text(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload_part'))
    )


def downgrade() -> None:
    op.drop_table('upload_part')
    op.drop_column('upload', 'ms')
