"""Add the audit log, which the database itself lets nobody change."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A batch that recreates one of these tables on SQLite drops its triggers: make them anew after it.
_SQLITE = (
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    WHEN OLD.sequence > (SELECT sequence FROM audit_horizon)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
    WHEN NEW.sequence <= max((SELECT sequence FROM audit_horizon), (SELECT ifnull(max(sequence), 0) FROM audit))
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_horizon_moves_on BEFORE UPDATE ON audit_horizon WHEN NEW.sequence < OLD.sequence
    BEGIN SELECT RAISE(ABORT, 'the audit log does not grow at its beginning'); END""",
    """CREATE TRIGGER audit_horizon_stays BEFORE DELETE ON audit_horizon
    BEGIN SELECT RAISE(ABORT, 'the audit log has one beginning'); END""",
    """CREATE TRIGGER audit_horizon_is_one BEFORE INSERT ON audit_horizon
    BEGIN SELECT RAISE(ABORT, 'the audit log has one beginning'); END""",
)

_POSTGRESQL = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.sequence > (SELECT sequence FROM audit_horizon) THEN
            RAISE EXCEPTION 'the audit log is append-only';
        END IF;
        RETURN OLD;
    END $$""",
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR TRUNCATE ON audit
    EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_delete()""",
    """CREATE TRIGGER audit_horizon_moves_on BEFORE UPDATE ON audit_horizon
    FOR EACH ROW WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_horizon_stays BEFORE INSERT OR DELETE OR TRUNCATE ON audit_horizon
    EXECUTE FUNCTION audit_refuse()""",
)


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "audit",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(32), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=True),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("pipeline_name", sa.String(64), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("audit_by_actor", ["actor_name", "sequence"], unique=False)
        batch_op.create_index("audit_by_target", ["target", "sequence"], unique=False)
        batch_op.create_index("audit_by_time", ["at"], unique=False)

    horizon = op.create_table(
        "audit_horizon",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(horizon, [{"id": 1, "sequence": 0, "digest": ""}])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("audit_horizon")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_delete()")
        op.execute("DROP FUNCTION audit_refuse()")
