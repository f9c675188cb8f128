"""Add to identities the role that a provider's claim gave them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply it."""
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claimed_role", sa.String(32), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_column("claimed_role")
