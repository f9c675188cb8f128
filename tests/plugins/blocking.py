"""Fails every test in which the product's own code blocks the event loop."""

from collections.abc import Iterator

import blockbuster.blockbuster as detector
import forbiddenfruit
import pytest

_HARMLESS = ("os.getcwd", "os.path.abspath")
"""Calls that never touch a disk."""

_blocked: list[str] = []


class _RecordedBlockingError(detector.BlockingError):
    """Remembers itself: a loop that catches broadly must not hide it from the test."""

    def __init__(self, func: str) -> None:
        super().__init__(func)
        _blocked.append(func)


def pytest_configure(config: pytest.Config) -> None:
    """Watch from the first to the last test; switching it on for each would cost more than most tests."""
    detector.BlockingError = _RecordedBlockingError  # pyright: ignore[reportPrivateImportUsage]
    # The console's own loop serves nobody else, so it may block.
    watch = detector.BlockBuster("fastflow", excluded_modules=["fastflow.cli"])
    for name in _HARMLESS:
        del watch.functions[name]
    for function in watch.functions.values():
        # Happens once in a process, and tests run in any order: each would blame another test.
        function.can_block_in("<frozen importlib._bootstrap>", {"_find_and_load"})
        # Hypothesis traces a failing test's lines, from below the product's frames.
        function.can_block_in("hypothesis/internal/scrutineer.py", {"trace", "trace_line"})
        # Once for each route: FastAPI looks up where its function stands, for error messages.
        function.can_block_in("fastapi/routing.py", {"_extract_endpoint_context"})
    watch.activate()
    config.add_cleanup(lambda: _take_off(watch))


def _take_off(watch: detector.BlockBuster) -> None:
    """Stop watching without a trace: CPython 3.11 crashes at exit on functions left in built-in types.

    forbiddenfruit keeps what it replaced as `_c_<name>` beside the original.
    """
    watch.deactivate()
    for function in watch.functions.values():
        if isinstance(function.module, type) and f"_c_{function.func_name}" in function.module.__dict__:
            # The library has no types.
            forbiddenfruit.reverse(  # pyright: ignore[reportUnknownMemberType]
                function.module, f"_c_{function.func_name}"
            )


@pytest.fixture(autouse=True)
def event_loop_is_never_blocked() -> Iterator[None]:
    """Fail a test during which a blocking call was made on a running loop, even if the error was caught."""
    _blocked.clear()
    yield
    assert not _blocked, f"blocked the event loop: {', '.join(_blocked)}; use asyncio.to_thread"
