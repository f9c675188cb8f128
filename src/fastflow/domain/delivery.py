"""Deliveries: requests that other systems send to start a run or a sync."""

from enum import StrEnum


class DeliveryKind(StrEnum):
    """What a delivery asks for."""

    WEBHOOK = "webhook"
    """A run of a pipeline."""
    PUSH = "push"
    """A sync of a repository."""


class DeliveryStatus(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """A wrong key or signature, or a request that can't be met; `message` says which."""
    DUPLICATE = "duplicate"
    """It came before; nothing was done again."""
    IGNORED = "ignored"
    """Authentic, and of no interest here: a ping, another branch."""
