"""`fastflow docker-proxy` as a process: what it says, and how fast it ends with streams open."""

import asyncio
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastflow.adapters.docker.containers import Containers
from fastflow.domain.errors import Unavailable
from tests.docker.house import House, first_output
from tests.server_process import FASTFLOW

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
STARTS_WITHIN_SECONDS = 60
STREAMS_END_WITHIN_SECONDS = 2


@dataclass
class ProxyProcess:
    """The proxy of an installation in that folder."""

    folder: Path
    socket: Path
    image: str
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> list[str]:
        """Start it; return what it says until it has looked for the Engine."""
        environment = os.environ | {
            "FASTFLOW_DATA_DIR": str(self.folder),
            "FASTFLOW_PROXY_READ_ROOTS": str(self.folder),
            "FASTFLOW_PROXY_WRITE_ROOTS": str(self.folder),
            "FASTFLOW_PROXY_IMAGES": self.image,
        }
        self.process = subprocess.Popen(
            [FASTFLOW, "docker-proxy", "--listen", self.address],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        said: list[str] = []
        for line in self.process.stderr:
            said.append(line)
            if "the Engine at" in line:
                break
        return said

    def until_gone(self) -> None:
        """Block until it has ended by itself, in good order."""
        assert self.process is not None
        assert self.process.wait(STARTS_WITHIN_SECONDS) == 0
        self.close()

    def terminate(self) -> None:
        """End it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.until_gone()

    def close(self) -> None:
        """Leave nothing of it, however the test ended."""
        if self.process is not None:
            with self.process as process:
                process.kill()
            self.process = None


@pytest.fixture
def proxy(tmp_path: Path, image: str) -> Generator[ProxyProcess]:
    with tempfile.TemporaryDirectory(prefix="ff-", dir="/tmp") as folder:
        proxy = ProxyProcess(tmp_path, Path(folder) / "sock", image)
        yield proxy
        proxy.close()


async def test_it_says_what_it_allows_and_ends_at_once_with_streams_open(
    proxy: ProxyProcess, house: House, image: str
) -> None:
    said = "".join(await asyncio.to_thread(proxy.start))
    assert f"docker-proxy listens at {proxy.address}" in said
    assert image in said
    assert "networks: none, walled" in said
    through = House(proxy.address, house.installation, image, house.directory, house.owner)
    executor = through.executor()
    reference = await executor.start(through.request(SLEEP))
    await first_output(executor, reference)
    logs = await Containers(through.engine).logs(reference, is_following=True)
    assert await logs.read_some()
    assert proxy.process is not None
    proxy.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(STREAMS_END_WITHIN_SECONDS):
        with suppress(Unavailable):
            while await logs.read_some():
                pass
    await asyncio.to_thread(proxy.until_gone)
    assert not proxy.socket.is_socket()
    logs.close()
    await asyncio.to_thread(proxy.start)
    await executor.remove(reference)
    await through.close()
    await asyncio.to_thread(proxy.terminate)


async def test_what_it_refuses_is_a_line_of_its_log(proxy: ProxyProcess, house: House) -> None:
    await asyncio.to_thread(proxy.start)
    assert proxy.process is not None
    assert proxy.process.stderr is not None
    reader, writer = await asyncio.open_unix_connection(proxy.socket)
    writer.write(b"POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert b"403" in await reader.readline()
    writer.close()
    line = json.loads(await asyncio.to_thread(proxy.process.stderr.readline))
    assert line["event"] == "request refused"
    assert line["reason"] == "Fast-Flow makes no such request"
    assert line["path"] == "/v1.41/containers/create"
    await asyncio.to_thread(proxy.terminate)
