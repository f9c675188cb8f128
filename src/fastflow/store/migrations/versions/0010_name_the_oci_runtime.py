"""Say of each attempt which OCI runtime its container was told to have."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply it."""
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("oci_runtime", sa.String(32), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_column("oci_runtime")
