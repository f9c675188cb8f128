"""Asks the Engine, if there is one, which of our containers have to do with a test."""

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import quote

_SOCKET = "/var/run/docker.sock"
_MANAGED = quote(json.dumps({"label": ["fastflow.managed"]}))
_SECONDS = 10


def containers_mounting(directory: Path) -> list[str]:
    """List containers of the product, running or not, that mount something below the directory.

    So the containers of other tests, and of other people, on the same Engine are never ours.
    """
    if not Path(_SOCKET).is_socket():
        return []
    connection = http.client.HTTPConnection("localhost", timeout=_SECONDS)
    try:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(_SECONDS)
        connection.sock.connect(_SOCKET)
        connection.request("GET", f"/containers/json?all=1&filters={_MANAGED}")
        containers = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return [
        f"container {container['Names'][0]} ({container['State']})"
        for container in containers
        if any(mount.get("Source", "").startswith(f"{directory}/") for mount in container["Mounts"])
    ]
