"""Add what the pages of the web app look up: runs of a pipeline by status, statistics by day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply it."""
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("runs_by_pipeline_and_status", ["pipeline_name", "status", "id"], unique=False)
    with op.batch_alter_table("daily_statistics", schema=None) as batch_op:
        batch_op.create_index(
            "statistics_by_day", ["day", "pipeline_name", "status", "runs", "seconds"], unique=False
        )
    with op.batch_alter_table("pipelines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("environment_key", sa.String(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("pipelines", schema=None) as batch_op:
        batch_op.drop_column("environment_key")
    with op.batch_alter_table("daily_statistics", schema=None) as batch_op:
        batch_op.drop_index("statistics_by_day")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("runs_by_pipeline_and_status")
