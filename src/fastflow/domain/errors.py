"""The exceptions that say what could not be done, and what to do about it.

    FastFlowError
    ├── NotFound      the thing named does not exist
    ├── Conflict      it exists, but not in a state that allows this
    ├── Invalid       the input is wrong; `fields` names each culprit
    │   └── TooLarge  there is more of it than is taken
    ├── Unauthenticated  who calls is not known; a credential is missing or holds no longer
    ├── Forbidden     the caller may not do this
    └── Unavailable   something we depend on is away; trying again may help
        └── TooMany   it was asked for too often; trying again later helps

A failed pipeline is not an error but an `Outcome` (`domain.outcome`). HTTP statuses live in `api`,
exit codes in `cli`.
"""

from collections.abc import Mapping


class FastFlowError(Exception):
    """Something asked for could not be done.

    `code` is stable and machine-readable (`pipeline_disabled`); `fields` carries the facts the message
    was built from, safe to show to the caller.
    """

    def __init__(self, code: str, message: str, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields: dict[str, object] = dict(fields or {})


class NotFound(FastFlowError):
    """The thing named does not exist."""


class Conflict(FastFlowError):
    """The thing exists, but its state does not allow what was asked."""


class Invalid(FastFlowError):
    """The input is wrong; `fields` names each culprit with its remedy."""


class TooLarge(Invalid):
    """There is more input than is taken."""


class Unauthenticated(FastFlowError):
    """Nobody knows who calls: a credential is missing, or it is not valid or not valid any more."""


class Forbidden(FastFlowError):
    """The caller may not do this."""


class Unavailable(FastFlowError):
    """Something we depend on does not answer; trying again later may help."""


class TooMany(Unavailable):
    """It was asked for too often within a while; `fields["retry_after_seconds"]` says when to ask again."""
