"""Does something just before the n-th call by which code of ours looks at files."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

_LOOKS: Final = frozenset({"lstat", "stat", "open", "scandir", "readlink", "is_dir", "is_symlink", "listdir"})


@contextmanager
def acting_before(deeds: Mapping[int, Callable[[], None]]) -> Generator[list[str]]:
    """Do each deed before the call of its number, counted from zero; yield the calls' names as they come.

    Python tells a profiler of each call into C before it is made, so that nothing of ours has to be replaced.
    Only calls of this thread count.
    """
    calls: list[str] = []
    is_acting = False

    def profile(_: Any, event: str, function: Any) -> None:
        nonlocal is_acting
        name = getattr(function, "__name__", "")
        if is_acting or event != "c_call" or name not in _LOOKS:
            return
        calls.append(name)
        deed = deeds.get(len(calls) - 1)
        if deed is not None:
            is_acting = True
            try:
                deed()
            finally:
                is_acting = False

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(before)
