"""Say of each attempt how long it waited for its lockfile and its packages, and how it was started."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply it."""
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lock_seconds", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("build_seconds", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("start_kind", sa.String(32), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_column("start_kind")
        batch_op.drop_column("build_seconds")
        batch_op.drop_column("lock_seconds")
