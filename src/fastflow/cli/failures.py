"""The exception that ends a command: what to tell the user, and the exit code."""

from fastflow.cli.exit_codes import ExitCode
from fastflow.domain.errors import (
    Conflict,
    FastFlowError,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)

_EXIT_CODES: dict[type[FastFlowError], ExitCode] = {
    NotFound: ExitCode.NOT_FOUND,
    Conflict: ExitCode.REFUSED,
    Invalid: ExitCode.REFUSED,
    Unauthenticated: ExitCode.REFUSED,
    Forbidden: ExitCode.REFUSED,
    Unavailable: ExitCode.UNAVAILABLE,
}


class CommandFailed(Exception):
    """The command ends here; `message` says why and what to do, in one or two sentences."""

    def __init__(self, exit_code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message


def failure_of(error: FastFlowError) -> CommandFailed:
    """Return how a command ends by an error of the product's own parts."""
    kinds = (code for kind, code in _EXIT_CODES.items() if isinstance(error, kind))
    return CommandFailed(next(kinds, ExitCode.FAILED), error.message)
