"""The watch itself is watched: each kind of leak fails the test that leaves it, and nothing else does."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_CASES = {
    "task": """
        import asyncio
        tasks = []
        async def test_it():
            tasks.append(asyncio.create_task(asyncio.sleep(60)))
    """,
    "thread": """
        import threading
        def test_it():
            threading.Thread(target=threading.Event().wait, args=(3,), name="forgotten").start()
    """,
    "process": """
        import subprocess
        kept = []
        def test_it():
            kept.append(subprocess.Popen(["sleep", "3"]))
    """,
    "temporary file": """
        import tempfile
        def test_it():
            tempfile.mkdtemp(prefix="forgotten")
    """,
}
_CLEAN = """
    import asyncio, subprocess, tempfile, threading
    import pytest

    @pytest.fixture
    async def server():
        task = asyncio.create_task(asyncio.sleep(60))
        yield task
        task.cancel()

    async def test_a_fixture_may_clean_up_after_the_test(server):
        await asyncio.to_thread(subprocess.run, ["true"], check=True)

    def test_what_ends_in_time_is_no_leak(tmp_path):
        with tempfile.TemporaryDirectory():
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
"""
_BLOCKING = """
    import importlib, sys
    import pytest

    @pytest.mark.parametrize("is_caught", [True, False])
    async def test_it(tmp_path, is_caught):
        from fastflow.domain import limits
        source = "import time\\ndef block(): time.sleep(0.001)"
        module = {}
        exec(compile(source, limits.__file__, "exec"), module)
        if is_caught:
            with pytest.raises(Exception):
                module["block"]()
        else:
            module["block"]()
"""


def _run(pytester: pytest.Pytester, source: str, monkeypatch: pytest.MonkeyPatch) -> pytest.RunResult:
    monkeypatch.setenv("PYTHONPATH", str(_ROOT))
    pytester.makepyfile(source)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    plugins = ("-p", "tests.plugins.leaks", "-p", "tests.plugins.blocking")
    return pytester.runpytest_subprocess(*plugins, "-p", "no:randomly", timeout=60)


@pytest.mark.parametrize("kind", _CASES)
def test_what_a_test_leaves_behind_fails_it(
    kind: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = _run(pytester, _CASES[kind], monkeypatch)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*left behind*{kind}*"])


def test_a_test_that_cleans_up_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(pytester, _CLEAN, monkeypatch).assert_outcomes(passed=2)


def test_blocking_the_event_loop_fails_a_test_even_if_the_error_is_caught(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = _run(pytester, _BLOCKING, monkeypatch)
    result.assert_outcomes(passed=1, failed=1, errors=2)
    result.stdout.fnmatch_lines(["*blocked the event loop: time.sleep*"])
