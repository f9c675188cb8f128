"""uv's failures: the pipeline's mistakes told from the platform's troubles."""

import pytest

from fastflow.adapters.uv.commands import LONGEST_MESSAGE, cleaned, failure_of
from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.environment_ports import Completed
from fastflow.domain.errors import Unavailable

CONNECT = (
    "error: Request failed after 3 retries in 6.7s\n  cause: Failed to fetch: https://x.invalid/simple/six/\n"
)


@pytest.mark.parametrize(
    ("exit_code", "stderr"),
    [
        (1, "error: No solution found when resolving dependencies\n  cause: there is no version of six==99"),
        (1, "error: No solution found when resolving dependencies\n  cause: dns error is no package"),
        (2, "error: Couldn't parse requirement in `requirements.txt` at position 0"),
        (1, "error: Failed to download `six==1`\n  cause: Hash mismatch for `six==1`"),
        (2, "error: Failed to fetch: https://x/a.whl\n  cause: HTTP status client error (404 Not Found)"),
        (2, ""),
    ],
)
def test_what_the_author_has_to_mend_is_the_pipelines(exit_code: int, stderr: str) -> None:
    failure = failure_of(Completed(exit_code, b"", stderr.encode()))

    assert isinstance(failure, EnvironmentFailed)
    assert failure.message == (stderr or "uv ended with exit code 2")


@pytest.mark.parametrize(
    ("exit_code", "stderr", "code"),
    [
        (2, CONNECT + "  cause: client error (Connect)\n  cause: dns error", "index_unreachable"),
        (
            2,
            "  cause: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer",
            "index_unreachable",
        ),
        (2, "  cause: HTTP status server error (503 Service Unavailable)", "index_unreachable"),
        (
            1,
            "  cause: Git operation failed\n fatal: Could not resolve host: git.example",
            "index_unreachable",
        ),
        (2, "error: failed to write\n  cause: No space left on device (os error 28)", "disk_full"),
        (2, "error: failed to create directory\n  cause: Read-only file system (os error 30)", "disk_failed"),
        (-9, "", "toolbox_killed"),
        (137, "", "toolbox_killed"),
    ],
)
def test_network_disk_and_memory_are_the_platforms(exit_code: int, stderr: str, code: str) -> None:
    failure = failure_of(Completed(exit_code, b"", stderr.encode()))

    assert isinstance(failure, Unavailable)
    assert failure.code == code


def test_the_message_is_uvs_without_colours_and_progress() -> None:
    progress = b"\x1b[2mResolved \x1b[1m2 packages\x1b[0m in 28ms\nwait\r"
    raw = progress + b"error: \x1b[31mno\x1b[0m\x07 way\r\n  cause: six\n"
    assert cleaned(raw) == "error: no way\n  cause: six"


def test_of_an_endless_message_the_end_is_kept() -> None:
    assert cleaned(b"x" * 100_000 + b"the end")[-7:] == "the end"
    assert len(cleaned(b"x" * 100_000)) == LONGEST_MESSAGE
