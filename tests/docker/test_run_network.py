"""What a run reaches on the network of its own, and what it reached on Docker's usual one."""

import json
import secrets
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.oci_runtime import CRUN
from fastflow.domain.finding import Finding, Verdict
from fastflow.main.doctor_network import examine_network
from fastflow.settings import Settings
from tests.docker.house import ADDRESS, House, ended, first_output
from tests.plugins.debian import find_program

SCRIPT = Path(__file__).parents[2] / "scripts" / "run-network"
METADATA = "169.254.169.254"
OUTSIDE = "198.51.100.7"
"""For documentation only (RFC 5737): no such host is hit by accident."""
PORT = 18_080
pytestmark = pytest.mark.parametrize("oci_runtime", ["", CRUN], ids=["default", CRUN], indirect=True)

PROBE = """
import json, os, socket
def reaches(place):
    try:
        with socket.create_connection(place, 2) as connection:
            return connection.recv(5) == b"hello"
    except OSError:
        return False
gateway = next(
    socket.inet_ntoa(bytes.fromhex(line.split()[2])[::-1])
    for line in open("/proc/net/route").read().splitlines()[1:] if line.split()[1] == "00000000"
)
places = {name: (host or gateway, port) for name, (host, port) in json.loads(os.environ["PLACES"]).items()}
print(json.dumps({name: reaches(tuple(place)) for name, place in places.items()}))
"""
NEIGHBOUR = """
import socket
server = socket.create_server(("0.0.0.0", 18080))
print(socket.gethostbyname(socket.gethostname()), flush=True)
while True:
    with server.accept()[0] as connection:
        connection.sendall(b"hello")
"""


def ip(command: str) -> None:
    program = find_program("ip", "iproute2")
    subprocess.run([program, *command.split()], check=True, capture_output=True, timeout=30)


@pytest.fixture
def address() -> str:
    """Go to the Engine itself: which networks its proxy lets pass is tested with the proxy."""
    return ADDRESS


@pytest.fixture
def world_outside() -> Iterator[None]:
    """A machine beyond this host's firewall, which is the metadata service as well."""
    name = f"ff{secrets.token_hex(3)}"
    ip(f"netns add {name}")
    try:
        ip(f"link add {name} type veth peer name eth0 netns {name}")
        ip(f"addr add 198.18.77.1/30 dev {name}")
        ip(f"link set {name} up")
        for target in (OUTSIDE, METADATA):
            ip(f"-n {name} addr add {target}/32 dev eth0")
            ip(f"-n {name} link set eth0 up")
            ip(f"route add {target}/32 dev {name}")
        ip(f"-n {name} addr add 198.18.77.2/30 dev eth0")
        ip(f"-n {name} route add default via 198.18.77.1")
        serving = "import socket\ns = socket.create_server(('', 18080))\nprint(flush=True)\n"
        serving += "while True:\n    with s.accept()[0] as c: c.sendall(b'hello')"
        command = ["ip", "netns", "exec", name, "python3", "-c", serving]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            server.stdout.readline()
            yield
            server.kill()
    finally:
        ip(f"link delete {name}")  # at once; with the namespace alone it goes a while later
        ip(f"netns delete {name}")


@pytest.fixture
def host_port() -> Iterator[int]:
    """Something on this host that listens on all its addresses, as a server or a database may."""
    with socket.create_server(("0.0.0.0", 0)) as listening:  # noqa: S104 - that is what is tested
        listening.settimeout(60)

        def greet() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"hello")

        greeting = threading.Thread(target=greet)
        greeting.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
        greeting.join()


@pytest.fixture
def network() -> Iterator[str]:
    suffix = secrets.token_hex(3)
    names = (f"fastflow-test-{suffix}", f"fft{suffix}")
    subprocess.run([SCRIPT, "up", *names], check=True, timeout=60)
    subprocess.run([SCRIPT, "up", *names], check=True, timeout=60)  # as after a reboot
    yield names[0]
    subprocess.run([SCRIPT, "down", *names], check=True, timeout=60)
    rules = subprocess.run(["iptables-save"], check=True, capture_output=True, text=True, timeout=30).stdout
    assert names[1] not in rules


async def reached(house: House, network: str, host_port: int) -> dict[str, bool]:
    """Ask from inside a run, beside another one."""
    executor = house.executor()
    neighbour = await executor.start(house.request(NEIGHBOUR, network=network))
    try:
        where = b"".join(o.data for o in await first_output(executor, neighbour)).decode().strip()
        places = {
            "host": ("", host_port),
            "neighbour": (where, PORT),
            "metadata": (METADATA, PORT),
            "outside": (OUTSIDE, PORT),
        }
        request = house.request(PROBE, variables={"PLACES": json.dumps(places)}, network=network)
        reference = await executor.start(request)
        try:
            return json.loads((await ended(executor, reference)).text)
        finally:
            await executor.remove(reference)
    finally:
        await executor.remove(neighbour)


async def test_a_run_on_its_own_network_reaches_the_outside_only(
    house: House, network: str, host_port: int, world_outside: None
) -> None:
    assert await reached(house, network, host_port) == {
        "host": False,
        "neighbour": False,
        "metadata": False,
        "outside": True,
    }


async def test_behind_walls_of_our_own_a_run_reaches_the_outside_only(
    house: House, host_port: int, world_outside: None
) -> None:
    assert await reached(house, "walled", host_port) == {
        "host": False,
        "neighbour": False,
        "metadata": False,
        "outside": True,
    }


async def test_on_dockers_usual_bridge_a_run_reaches_all_of_it(
    house: House, host_port: int, world_outside: None
) -> None:
    assert all((await reached(house, "bridge", host_port)).values())


async def test_the_doctor_looks_from_inside_a_run(house: House, network: str, host_port: int) -> None:
    found = {
        name: await _doctor(house, name, host_port)
        for name in ("bridge", network, "walled", "fastflow-nowhere")
    }
    assert found["bridge"].verdict is Verdict.WARN
    assert "reaches" in found["bridge"].message
    assert "this host (" in found["bridge"].message
    assert "RUN_NETWORK=walled" in found["bridge"].remedy
    assert (found[network].verdict, found[network].remedy) == (Verdict.OK, "")
    assert (found["walled"].verdict, found["walled"].remedy) == (Verdict.OK, "")
    assert found["fastflow-nowhere"].verdict is Verdict.WARN
    assert "RUN_NETWORK=fastflow-nowhere" in found["fastflow-nowhere"].remedy


async def _doctor(house: House, network: str, port: int) -> Finding:
    values: Mapping[str, Any] = {"runner_image": house.image, "run_network": network, "port": port}
    engine = Engine(house.address)
    try:
        return await examine_network(engine, Settings.model_validate(values))
    finally:
        await engine.close()
