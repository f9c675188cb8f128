"""Add repositories, schedules with their ledger, deliveries, and why a run exists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remote", sa.String(64), nullable=True),
        sa.Column("sender", sa.String(64), nullable=True),
        sa.Column("event", sa.String(64), nullable=True),
        sa.Column("external_id", sa.String(255), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("body_bytes", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.Column("sync_id", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("deliveries_by_fingerprint", ["kind", "target", "fingerprint"], unique=True)
        batch_op.create_index("deliveries_by_target", ["kind", "target", "id"], unique=False)

    op.create_table(
        "github_apps",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("app_id", sa.String(64), nullable=False),
        sa.Column("api_url", sa.String(), nullable=False),
        sa.Column("private_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "occurrences",
        sa.Column("schedule_id", sa.String(36), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pipeline_name", sa.String(64), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("code", sa.String(32), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "due_at"),
    )
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.create_index("occurrences_by_pipeline", ["pipeline_name", "due_at"], unique=False)
        batch_op.create_index("occurrences_by_status", ["status", "due_at"], unique=False)

    op.create_table(
        "payloads",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("content_type", sa.String(255), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "repositories",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=True),
        sa.Column("subdir", sa.String(), nullable=False),
        sa.Column("authentication", sa.String(32), nullable=False),
        sa.Column("username", sa.String(), nullable=True),
        sa.Column("github_app", sa.String(64), nullable=True),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("public_key", sa.String(), nullable=True),
        sa.Column("known_hosts", sa.String(), nullable=False),
        sa.Column("push_secret", sa.String(), nullable=True),
        sa.Column("sync_interval_seconds", sa.Integer(), nullable=True),
        sa.Column("commit", sa.String(64), nullable=True),
        sa.Column("commit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commit_author", sa.String(), nullable=True),
        sa.Column("commit_subject", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("pipeline_name", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("catch_up", sa.String(32), nullable=False),
        sa.Column("catch_up_limit", sa.Integer(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accounted_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.String(200), nullable=True),
        sa.Column("pause_reason", sa.String(1000), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.create_index("schedules_by_next_due", ["next_due_at"], unique=False)
        batch_op.create_index("schedules_by_pipeline", ["pipeline_name", "origin", "key"], unique=True)

    op.create_table(
        "syncs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("repository_id", sa.String(36), nullable=False),
        sa.Column("repository_name", sa.String(64), nullable=False),
        sa.Column("trigger", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commit_before", sa.String(64), nullable=True),
        sa.Column("commit_after", sa.String(64), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("syncs", schema=None) as batch_op:
        batch_op.create_index("syncs_by_repository", ["repository_id", "id"], unique=False)

    op.create_table(
        "webhook_keys",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("pipeline_name", sa.String(64), nullable=False),
        sa.Column("run_config_id", sa.String(64), nullable=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(8), nullable=False),
        sa.Column("signing_secret", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("webhook_keys", schema=None) as batch_op:
        batch_op.create_index("webhook_keys_by_pipeline", ["pipeline_name"], unique=False)

    with op.batch_alter_table("pipelines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("repository", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("commit", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("valid_commit", sa.String(64), nullable=True))
        batch_op.add_column(
            sa.Column("environment_status", sa.String(32), nullable=False, server_default="unknown")
        )
        batch_op.add_column(sa.Column("environment_revision", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("environment_reason", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("lockfile_key", sa.String(), nullable=True))

    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cause", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("upstream_run_id", sa.String(36), nullable=True))
        batch_op.add_column(sa.Column("repository", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("commit", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("route", sa.String(256), nullable=True))
        batch_op.create_index("runs_by_upstream", ["upstream_run_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("runs_by_upstream")
        batch_op.drop_column("route")
        batch_op.drop_column("commit")
        batch_op.drop_column("repository")
        batch_op.drop_column("upstream_run_id")
        batch_op.drop_column("cause")

    with op.batch_alter_table("pipelines", schema=None) as batch_op:
        batch_op.drop_column("lockfile_key")
        batch_op.drop_column("environment_reason")
        batch_op.drop_column("environment_revision")
        batch_op.drop_column("environment_status")
        batch_op.drop_column("valid_commit")
        batch_op.drop_column("commit")
        batch_op.drop_column("repository")

    with op.batch_alter_table("webhook_keys", schema=None) as batch_op:
        batch_op.drop_index("webhook_keys_by_pipeline")

    op.drop_table("webhook_keys")
    with op.batch_alter_table("syncs", schema=None) as batch_op:
        batch_op.drop_index("syncs_by_repository")

    op.drop_table("syncs")
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.drop_index("schedules_by_pipeline")
        batch_op.drop_index("schedules_by_next_due")

    op.drop_table("schedules")
    op.drop_table("repositories")
    op.drop_table("payloads")
    with op.batch_alter_table("occurrences", schema=None) as batch_op:
        batch_op.drop_index("occurrences_by_status")
        batch_op.drop_index("occurrences_by_pipeline")

    op.drop_table("occurrences")
    op.drop_table("github_apps")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_by_target")
        batch_op.drop_index("deliveries_by_fingerprint")

    op.drop_table("deliveries")
    op.drop_table("cursors")
