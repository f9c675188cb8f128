"""What people and their tokens may do: four roles, each with all that the one before it has."""

from enum import StrEnum


class Role(StrEnum):
    """A role, the weakest first."""

    VIEWER = "viewer"
    """Reads everything but secrets, people and the audit log."""
    OPERATOR = "operator"
    """Starts, cancels and retries runs, and sees which secrets there are, too: names, never values."""
    EDITOR = "editor"
    """Changes schedules, secrets, webhooks and repositories, and syncs, too."""
    ADMIN = "admin"
    """Admits and removes people, and reads the audit log, too."""

    def includes(self, other: "Role") -> bool:
        """Whether whoever has this role may do all that the other one may."""
        order = tuple(Role)
        return order.index(self) >= order.index(other)
