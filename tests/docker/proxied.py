"""Fast-Flow's own proxy before an Engine, in the test's loop: every Docker test goes through it."""

import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastflow.docker_proxy.engine import Engine
from fastflow.docker_proxy.listening import Place, serving
from fastflow.docker_proxy.operations import Operations
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.server import ProxyServer
from fastflow.main.docker_proxy import SHAPE, policy_of
from fastflow.proxy_settings import ProxySettings
from fastflow.settings import Settings

IS_WANTED = os.environ.get("FASTFLOW_TEST_DOCKER", "proxy") != "direct"
"""The ring runs through the proxy; FASTFLOW_TEST_DOCKER=direct takes it away, to tell whose fault it is."""
MISSING_IMAGE = "fastflow-no-such-image:none"
UNREACHABLE_IMAGE = "localhost:1/nobody/nothing:none"
BUILT_IMAGE = f"fastflow-test:built-{os.getpid()}"
"""What this test process may build and run."""
MISSING_NETWORK = "no-such-network"


def policy_for(folder: Path, image: str, **settings: Any) -> Policy:
    """Return the policy of an installation that keeps everything below that folder."""
    allowed: dict[str, Any] = {
        "proxy_images": ",".join([image, MISSING_IMAGE, UNREACHABLE_IMAGE, BUILT_IMAGE]),
        "proxy_networks": f"bridge,walled,{MISSING_NETWORK}",
        "proxy_read_roots": f"{folder},/etc/ssl/certs/ca-certificates.crt",
        "proxy_write_roots": str(folder),
        "proxy_uv_store": folder / "store",
    }
    return policy_of(Settings.model_validate({"data_dir": folder}), ProxySettings(**(allowed | settings)))


@asynccontextmanager
async def proxy_before(engine_address: str, policy: Policy) -> AsyncGenerator[str]:
    """Serve with that policy; give the proxy's address."""
    engine = Engine(engine_address, SHAPE.newest_version)
    server = ProxyServer(Operations(engine, policy), policy, "test")
    # A socket's path may have 108 characters; the test's own folder is longer.
    with tempfile.TemporaryDirectory(prefix="ff-proxy-", dir="/tmp") as folder:
        path = Path(folder) / "sock"
        async with serving(server, Place(path=path)):
            yield f"unix://{path}"
        await engine.close()


@asynccontextmanager
async def the_way_to(engine_address: str, folder: Path, image: str) -> AsyncGenerator[str]:
    """Give the address that a test's server is to use: a proxy's, unless that is not wanted."""
    if not IS_WANTED:
        yield engine_address
        return
    async with proxy_before(engine_address, policy_for(folder, image)) as address:
        yield address
