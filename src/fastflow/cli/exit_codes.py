"""The exit codes of `fastflow`: what scripts may rely on."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code says; `--wait` and `--follow` give the run's own (see `verdict`)."""

    OK = 0
    FAILED = 1
    """The work was done and the answer is no: a run or a sync failed, a manifest has errors.

    Also where whoever read the output went away.
    """
    USAGE = 2
    """The command line or a setting is wrong."""
    UNREACHABLE = 3
    """No server answers at the address."""
    NOT_FOUND = 4
    REFUSED = 5
    """The server refused: the input, the state of things or who you are does not allow it."""
    UNAVAILABLE = 6
    """Something that is needed does not work now; trying again later may help."""
    INTERRUPTED = 130
    """Ctrl-C; a run that was followed goes on."""
    CANCELLED = 200
    """`--wait`, `--follow`: the run was cancelled."""
    SKIPPED = 201
    """`--wait`, `--follow`: the run was skipped by a policy."""
    PLATFORM_FAILED = 202
    """`--wait`, `--follow`: the run failed through no fault of the pipeline."""


EPILOG = """\b
Exit codes:
  0    done; with --wait or --follow: the run succeeded
  1    failed: a run, a sync, a check or a manifest
  2    the command line or a setting is wrong
  3    no server answers
  4    there is no such run, pipeline, schedule or repository
  5    the server refused
  6    something needed is unavailable now
  130  interrupted; a run that was followed goes on
With --wait or --follow the run's own code 1 to 125, or
  1    it failed in another way
  200  it was cancelled
  201  it was skipped
  202  the platform failed, not the pipeline

\b
First steps:
  fastflow new hello
  fastflow up
  fastflow trigger hello --follow
"""
