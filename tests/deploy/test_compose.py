"""Story: the stack is installed, used, upgraded under a running pipeline, lost, and restored elsewhere."""

import re
import shutil
import subprocess

import pytest

from tests.deploy.stack import Stack

VALUE = "of-the-house-4711"
LENGTH = "import os\nprint(len(os.environ['TOKEN']))"
COUNTS = """
import itertools, os, time
for number in itertools.count():
    print(number, flush=True)
    if os.path.exists("/fastflow/run/go"):
        break
    time.sleep(0.02)
"""
LARGEST_IMAGE_BYTES = 250_000_000
pytestmark = pytest.mark.timeout(1800)


def test_the_image_is_small(current_image: str) -> None:
    asked = ["docker", "image", "inspect", "--format", "{{.Size}}", current_image]
    size = int(subprocess.run(asked, capture_output=True, check=True).stdout)
    assert size < LARGEST_IMAGE_BYTES


def test_installed_used_upgraded_lost_and_restored(
    stack: Stack, previous_image: str, current_image: str
) -> None:
    stack.add("length", LENGTH, {"secrets": ["TOKEN"]})
    stack.add("counts", COUNTS)
    stack.up(previous_image)
    stack.set_up()
    is_confined(stack)

    stack.console("secrets", "set", "TOKEN", typed=VALUE)
    first = triggered(stack, "length")
    stack.until(lambda: stack.run(first)["status"] == "SUCCESS")
    assert stack.log(first).split() == [str(len(VALUE))]
    active = triggered(stack, "counts")
    stack.until(lambda: len(stack.log(active).split()) > 20)

    stack.up(current_image)
    assert stack.run(active)["status"] == "RUNNING", "it goes on while the server is another one"
    before = len(stack.log(active).split())
    stack.until(lambda: len(stack.log(active).split()) > before)
    (directory,) = (stack.data / "attempts").glob(f"{active}*")
    (directory / "go").touch()
    stack.until(lambda: stack.run(active)["status"] == "SUCCESS")
    lines = stack.log(active).split()
    assert lines == [str(number) for number in range(len(lines))], "no line is missing, none is there twice"
    assert len(stack.run(active)["attempts"]) == 1

    assert "fail" not in stack.compose_with("exec", "-T", "server", "fastflow", "doctor")
    recipient = stack.console("backup", "key", "stick.key").strip()
    inside = str(stack.data / "today.backup")
    stack.compose_with(
        "exec", "-T", "server", "fastflow", "backup", "create", inside, "--recipient", recipient
    )
    shutil.move(inside, stack.folder / "today.backup")
    runs = {run: (stack.run(run), stack.log(run)) for run in (first, active)}
    stack.destroy()

    carried = stack.folder / "carried"
    carried.mkdir()
    for file in ("today.backup", "stick.key"):
        shutil.copy(stack.folder / file, carried)
        (carried / file).chmod(0o644)  # another user reads it, in the container
    given = ("--volume", f"{carried}:/from:ro")
    restore = ("backup", "restore", "/from/today.backup", "--key-file", "/from/stick.key")
    stack.compose_with("run", "--rm", *given, "server", *restore)
    stack.up(current_image)
    assert {run: (stack.run(run), stack.log(run)) for run in runs} == runs
    again = triggered(stack, "length")
    stack.until(lambda: stack.run(again)["status"] == "SUCCESS")
    assert stack.log(again).split() == [str(len(VALUE))], "the secret can be read"


def triggered(stack: Stack, pipeline: str) -> str:
    """Start a run; return its id."""
    return re.findall(r"[0-9a-f-]{36}", stack.console("trigger", pipeline, "--json"))[0]


def is_confined(stack: Stack) -> None:
    """Look at the server's container: it can do nothing to Docker or to its host."""
    server = stack.inspect(stack.name)
    host = server["HostConfig"]
    assert server["Config"]["User"] == "1000:1000"
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["CapAdd"]) == (True, ["ALL"], None)
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] == 1024**3
    assert host["LogConfig"]["Config"]["max-size"] == "10m"
    assert not [mount for mount in server["Mounts"] if "docker.sock" in mount["Source"]]
    (published,) = server["NetworkSettings"]["Ports"]["8000/tcp"]
    assert published["HostIp"] == "127.0.0.1"
