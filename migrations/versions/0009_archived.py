"""definitions that are no longer used"""
from alembic import op
import sqlalchemy as sa
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('definition', schema=None) as batch_op:
        batch_op.add_column(sa.Column('archived_at', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('definition', schema=None) as batch_op:
        batch_op.drop_column('archived_at')
