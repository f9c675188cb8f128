"""What an idle server weighs, against an empty FastAPI app on the same machine."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from urllib.error import URLError

import psutil
import pytest

from tests.server_process import MakeServer, free_port

MOST = 3.4
"""Times the empty app. The rest is SQLAlchemy, pydantic's models, aiohttp and cryptography: see
docs/concepts/performance.md. Whoever has to raise it says there for what."""

BARE = """
import sys, fastapi, uvicorn
app = fastapi.FastAPI()
@app.get("/health")
async def health() -> str:
    return "ok"
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def memory_bytes(pid: int) -> int:
    """Return what a process holds that it shares with nobody else."""
    return psutil.Process(pid).memory_full_info().uss


@pytest.fixture
def bare() -> Iterator[int]:
    """Run an app without anything; give its process id."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BARE, str(port)]) as process:
        try:
            answered = False
            while not answered and process.poll() is None:
                with suppress(URLError, ConnectionError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    answered = True
            assert process.poll() is None
            yield process.pid
        finally:
            process.kill()


def test_an_idle_server_weighs_no_more_than_its_budget(make_server: MakeServer, bare: int) -> None:
    server = make_server({"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0"})
    server.add("report", "print('done')")
    server.start()
    server.until_ready()
    server.terminate()
    server.start()  # the first start migrates the database
    server.until_ready()
    assert server.process is not None
    ratio = memory_bytes(server.process.pid) / memory_bytes(bare)
    server.terminate()
    assert ratio < MOST, f"{ratio:.2f}"
