"""Makes sure a Docker Engine answers: uses one that is up, else installs and starts Debian's as root.

engine.py start           leave one running
engine.py stop            stop the one that `start` started; others are left alone
engine.py run -- COMMAND  run the command with an Engine, stop it afterwards if it was started here
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

SOCKET = "/var/run/docker.sock"
DEFAULT_ADDRESS = f"unix://{SOCKET}"
STATE = Path("/run/fastflow-engine")
"""Pid file and run-time files of the Engine we start; gone with the next boot, as the Engine is."""
IMAGES = Path(os.environ.get("FASTFLOW_ENGINE_ROOT", "/var/lib/fastflow-engine"))
"""On a real filesystem, which overlay2 needs; shared by all checkouts, so that images are built once."""
NEW_INTERFACES = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")
PACKAGES = ("docker.io", "iptables", "debootstrap", "crun")
START_SECONDS = 60
STOP_SECONDS = 30
INSTALL_SECONDS = 900


class EngineMissing(Exception):
    """No Engine answers and none can be started from here; the message is the remedy."""


def say(text: str) -> None:
    """Tell a person what is going on."""
    print(f"engine: {text}", file=sys.stderr, flush=True)


def named_address() -> str | None:
    """Return the address that the settings of the product name; None where they name none."""
    return os.environ.get("FASTFLOW_DOCKER_PROXY_URL") or os.environ.get("DOCKER_PROXY_URL")


def answers() -> bool:
    """Ask the Engine's `/_ping` over its socket, or over the address the product would use."""
    scheme, _, rest = (named_address() or DEFAULT_ADDRESS).partition("://")
    connection = http.client.HTTPConnection("localhost" if scheme == "unix" else rest.rstrip("/"), timeout=5)
    try:
        if scheme == "unix":
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(5)
            connection.sock.connect(rest)
        connection.request("GET", "/_ping")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds; return whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def start() -> bool:
    """Make sure an Engine answers; return whether it was started here.

    Raises:
        EngineMissing: none answers and none can be started.
    """
    if answers():
        return False
    address = named_address()
    if address not in (None, DEFAULT_ADDRESS):
        # Ours would listen elsewhere, and take the place of whatever listens there.
        raise EngineMissing(
            f"no Docker Engine answers at {address}; start it, or unset DOCKER_PROXY_URL to have one started"
        )
    if sys.platform == "darwin":
        raise EngineMissing(
            "no Docker Engine answers; start Docker Desktop, OrbStack or Colima and try again"
        )
    if os.geteuid() != 0:
        raise EngineMissing(
            f"no Docker Engine answers at {SOCKET}, and only root can start one. Start it (sudo systemctl "
            "start docker) or install it (https://docs.docker.com/engine/install/), and see that you may "
            "use it (sudo usermod -aG docker $USER, then log in again)"
        )
    install()
    # On a machine with systemd the package has started the Engine itself.
    if Path("/run/systemd/system").is_dir() and wait_until(answers, START_SECONDS):
        return False
    launch()
    return True


def install() -> None:
    """Install Debian's Engine, and what builds a base image without a registry, unless they are there."""
    commands = ("dockerd", "iptables", "debootstrap", "crun")
    missing = [p for p, command in zip(PACKAGES, commands, strict=True) if shutil.which(command) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise EngineMissing("no Docker Engine is installed: https://docs.docker.com/engine/install/")
    say(f"installing {', '.join(missing)}")
    # RUNLEVEL=1: packages do not start services that nobody would stop.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            end = "\n".join(f"{done.stdout}{done.stderr}".splitlines()[-15:])
            raise EngineMissing(f"apt-get {' '.join(arguments)} failed:\n{end}")


def give_new_interfaces_ipv6(is_given: bool) -> None:
    """Decide whether interfaces that appear from now on get an IPv6 address by themselves.

    Each container brings one, and a browser on this machine drops what it has asked for whenever an address
    appears (ERR_NETWORK_CHANGED): a story of the pages would stand still. The pages ask again where they can.
    """
    with suppress(OSError):  # a kernel without IPv6, or one that is somebody else's
        NEW_INTERFACES.write_text(f"{int(not is_given)}\n")


def give_crun_its_cgroups() -> None:
    """Put what a hybrid host leaves to cgroup v2 beside the other controllers, as crun has to have it.

    Without that it starts nothing there ("cgroups in hybrid mode not supported"), and only runc is tested.
    """
    unified = Path("/sys/fs/cgroup/unified/cgroup.controllers")
    for controller in unified.read_text().split() if unified.exists() else ():
        place = Path("/sys/fs/cgroup", controller)
        place.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "cgroup", "-o", controller, "cgroup", place], check=False)


def launch() -> None:
    """Start `dockerd` in its own session, so that Ctrl-C here does not reach it, and wait for its answer."""
    STATE.mkdir(parents=True, exist_ok=True)
    log_path = STATE / "log"
    say(f"starting dockerd (images in {IMAGES}, log in {log_path})")
    give_new_interfaces_ipv6(False)
    give_crun_its_cgroups()
    with log_path.open("wb") as log:
        daemon = subprocess.Popen(
            [
                "dockerd",
                "--data-root",
                str(IMAGES),
                "--exec-root",
                str(STATE / "exec"),
                "--pidfile",
                str(STATE / "pid"),
                "--add-runtime",
                "crun=crun",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    began = time.monotonic()
    if wait_until(lambda: answers() or daemon.poll() is not None, START_SECONDS) and daemon.poll() is None:
        say(f"answers after {time.monotonic() - began:.1f} s")
        return
    daemon.terminate()
    last = "\n".join(log_path.read_text(errors="replace").splitlines()[-15:])
    raise EngineMissing(f"dockerd did not start; the end of {log_path}:\n{last}")


def our_pid() -> int | None:
    """Return the pid of the Engine we started, if it still runs."""
    try:
        pid = int((STATE / "pid").read_text())
        # After a reboot or a crash the number may belong to another program.
        return pid if b"dockerd" in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (FileNotFoundError, ValueError):
        return None


def stop() -> None:
    """Stop the Engine that was started here, with its containers; another one is left alone."""
    pid = our_pid()
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    give_new_interfaces_ipv6(True)
    if not wait_until(lambda: our_pid() is None, STOP_SECONDS):
        say(f"dockerd ({pid}) has not stopped after {STOP_SECONDS} s; it is left to finish")


def run(command: list[str]) -> int:
    """Run a command with an Engine; return its exit code."""
    was_started = start()
    try:
        child = subprocess.Popen(command)

        def pass_on(number: int, _: FrameType | None) -> None:
            child.send_signal(number)

        # A terminal sends Ctrl-C to the command as well; this process lives on to stop the Engine after it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, pass_on)
        code = child.wait()
        return code if code >= 0 else 128 - code
    finally:
        if was_started:
            stop()


def main(arguments: list[str]) -> int:
    """Do what the command line asks for; return the exit code."""
    try:
        match arguments:
            case ["start"]:
                say("started" if start() else "one answers already")
            case ["stop"]:
                stop()
            case ["run", "--", *command] if command:
                return run(command)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except EngineMissing as missing:
        say(str(missing))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
