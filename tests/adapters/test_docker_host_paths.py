"""A server in a container names the host's paths to the Engine, not its own."""

from pathlib import Path

import pytest

from fastflow.adapters.docker.engine_types import Mount
from fastflow.adapters.docker.host_paths import HostPaths, candidates_in
from fastflow.domain.errors import Invalid

ID = "0123456789abcdef" * 4
LAYER = "fedcba9876543210" * 4


def mount(source: str, destination: str, kind: str = "bind") -> Mount:
    return Mount(Type=kind, Source=source, Destination=destination)


MOUNTS = HostPaths(
    (
        mount("/srv/fastflow", "/data"),
        mount("/var/lib/docker/volumes/uv/_data", "/data/uv", "volume"),
        mount("", "/tmp", "tmpfs"),  # noqa: S108 - a container's
        mount("/srv/pipelines", "/pipelines/"),
    )
)


@pytest.mark.parametrize(
    ("path", "host_path"),
    [
        ("/data", "/srv/fastflow"),
        ("/data/attempts/1", "/srv/fastflow/attempts/1"),
        ("/data/uv/cache", "/var/lib/docker/volumes/uv/_data/cache"),
        ("/data/uvx", "/srv/fastflow/uvx"),
        ("/data/a/../b", "/srv/fastflow/b"),
        ("/pipelines/hello", "/srv/pipelines/hello"),
    ],
)
def test_the_nearest_mount_decides(path: str, host_path: str) -> None:
    assert MOUNTS.translate(Path(path)) == host_path
    assert MOUNTS.is_visible(Path(path))


@pytest.mark.parametrize("path", ["/etc/ssl", "/database", "/data/../etc", "/"])
def test_what_lies_in_no_mount_is_an_error_that_says_what_to_do(path: str) -> None:
    with pytest.raises(Invalid, match="Mount a host directory there") as raised:
        MOUNTS.translate(Path(path))
    assert raised.value.code == "path_not_mounted"
    assert not MOUNTS.is_visible(Path(path))


def test_on_the_host_itself_paths_are_what_they_are() -> None:
    assert HostPaths().translate(Path("/data/a/../b")) == "/data/b"


def test_our_own_id_is_found_where_only_the_mount_table_tells_it() -> None:
    mountinfo = (
        f"600 599 0:50 / / rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/{LAYER}/diff\n"
        f"610 600 8:1 /var/lib/docker/containers/{ID}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n"
        f"611 600 8:1 /var/lib/docker/containers/{ID}/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
    )
    assert candidates_in((mountinfo, "0::/\n"), "my-server\n") == [ID, "my-server"]


def test_our_own_id_is_found_in_the_cgroup_table() -> None:
    assert candidates_in(("", f"4:memory:/docker/{ID}\n"), "") == [ID]
