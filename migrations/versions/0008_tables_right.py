"""whoever manages the company may change its tables"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

# The right came with tables. Nobody hands out a right they do not hold: without this, nobody in a company that was
# there before could ever have it.
HELD, NEW = 'org.manage', 'sources.edit'


def upgrade() -> None:
    role = sa.table('role', sa.column('key', sa.String),
                    sa.column('rights', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')))
    bind = op.get_bind()
    for found in bind.execute(sa.select(role)).all():
        if HELD in found.rights and NEW not in found.rights:
            bind.execute(sa.update(role).where(role.c.key == found.key).values(rights=sorted({*found.rights, NEW})))


def downgrade() -> None:
    """A right that an older version does not know is not looked at."""
