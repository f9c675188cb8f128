"""What a pipeline can and can't do, seen from inside its container."""

import json

import pytest

from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.oci_runtime import CRUN
from fastflow.domain.limits import Limits
from fastflow.domain.line_splitter import NOTHING_STORED
from tests.docker.house import House

pytestmark = pytest.mark.parametrize("oci_runtime", ["", CRUN], ids=["default", CRUN], indirect=True)

LOOK = """
import errno, json, os
lines = open("/proc/self/status").read().splitlines()
status = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
def refusal(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return errno.errorcode[error.errno]
def executes(path):
    with open(path, "w") as file:
        file.write("#!/bin/sh\\n")
    os.chmod(path, 0o755)
    return os.access(path, os.X_OK)
space = os.statvfs("/tmp")
print(json.dumps({
    "ids": [os.getuid(), os.getgid()], "groups": os.getgroups(),
    "capabilities": [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "no_new_privileges": status["NoNewPrivs"].strip(), "seccomp": status["Seccomp"].strip(),
    "root": refusal("/file"), "code": refusal("/fastflow/code/file"), "etc": refusal("/etc/file"),
    "run": refusal("/fastflow/run/file"), "tmp": refusal("/tmp/file"),
    "tmp_executes": executes("/tmp/program"), "tmp_bytes": space.f_blocks * space.f_frsize,
    "directory": os.getcwd(), "home": os.environ["HOME"], "variables": dict(os.environ),
    "socket": os.path.exists("/var/run/docker.sock"),
}))
"""


async def test_an_attempt_has_no_privilege_and_writes_only_what_is_its_own(house: House) -> None:
    seen = json.loads((await house.run(LOOK)).text)
    assert seen["ids"] == list(house.owner)
    assert 0 not in [*seen["ids"], *seen["groups"]]
    assert seen["capabilities"] == [0] * 5
    assert seen["no_new_privileges"] == "1"
    assert seen["seccomp"] == "2"
    assert (seen["root"], seen["code"], seen["etc"]) == ("EROFS", "EROFS", "EROFS")
    assert (seen["run"], seen["tmp"]) == (None, None)
    assert seen["tmp_executes"] is False
    assert seen["tmp_bytes"] == 512 * 1024**2
    assert seen["directory"] == "/fastflow/code"
    assert seen["socket"] is False


async def test_a_program_sees_its_variables_and_none_of_our_means(house: House) -> None:
    odd = "two\nlines = and \"quotes\" 'of' $HOME é"
    executor = house.executor()
    request = house.request(LOOK, variables={"ODD": odd, "HOME": "/fastflow/run", "LANG": "C"})
    reference = await executor.start(request)
    outputs = [o async for batch in executor.follow(reference, NOTHING_STORED) for o in batch]
    await executor.remove(reference)
    variables = json.loads(outputs[0].data)["variables"]
    assert variables["ODD"] == odd
    assert variables["HOME"] == "/fastflow/run"
    assert "TINI_KILL_PROCESS_GROUP" not in variables
    assert not [name for name in variables if name.startswith("FASTFLOW_")]


async def test_too_many_processes_are_refused(house: House) -> None:
    code = (
        "import threading, time\n"
        "for _ in range(60): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()\n"
    )
    end = await house.run(code, limits=Limits(processes=20))
    assert end.ending.exit_code == 1
    assert b"can't start new thread" in b"".join(output.data for output in end.outputs)


async def test_an_interrupt_reaches_a_program_as_it_does_on_a_laptop(house: House) -> None:
    end = await house.run("import signal; print(signal.getsignal(signal.SIGINT).__name__)")
    assert end.text == "default_int_handler\n"


async def test_the_engine_was_told_every_limit(house: House, direct: Containers) -> None:
    executor = house.executor()
    request = house.request("", limits=Limits(cpu_cores=0.5, memory_bytes=128 * 1024**2, processes=99))
    reference = await executor.start(request)
    answer = await direct.engine.call("GET", f"/containers/{reference}/json")
    await executor.remove(reference)
    host = json.loads(answer)["HostConfig"]
    assert host["Privileged"] is False
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (host["Memory"], host["MemorySwap"]) == (128 * 1024**2, 128 * 1024**2)
    assert (host["NanoCpus"], host["PidsLimit"]) == (500_000_000, 99)
    assert host["LogConfig"] == {"Type": "json-file", "Config": {}}
    assert host["AutoRemove"] is False
    assert host["RestartPolicy"]["Name"] in ("", "no")


@pytest.mark.parametrize(("network", "interfaces"), [("none", ["lo"]), ("bridge", ["eth0", "lo"])])
async def test_the_network_is_the_one_that_was_asked_for(
    house: House, network: str, interfaces: list[str]
) -> None:
    executor = house.executor()
    code = "import os; print(*sorted(os.listdir('/sys/class/net')))"
    reference = await executor.start(house.request(code, network=network))
    outputs = [o async for batch in executor.follow(reference, NOTHING_STORED) for o in batch]
    await executor.remove(reference)
    assert set(interfaces) <= set(outputs[0].data.decode().split())
    assert ("eth0" in outputs[0].data.decode()) == ("eth0" in interfaces)
