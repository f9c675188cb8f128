"""Git by SSH on 127.0.0.1: a real sshd that lets the right keys do nothing but fetch and push."""

import getpass
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final, Self

from tests.plugins.debian import find_program
from tests.server_process import free_port
from tests.servers.git_command import clean_environment, git_program
from tests.servers.process_tree import kill_tree
from tests.servers.ssh_keys import SshKey, make_key

_SECONDS: Final = 30
_TRIES: Final = 5
"""A free port may be somebody else's when the server takes it."""

_SETTINGS: Final = """\
ListenAddress 127.0.0.1
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
PermitUserRC no
PermitTTY no
DisableForwarding yes
X11Forwarding no
PrintMotd no
UseDNS no
AcceptEnv GIT_PROTOCOL
MaxStartups 100
LogLevel VERBOSE
"""
_NEWER_SETTINGS: Final = "PerSourcePenalties no\n"
"""OpenSSH 9.8 and later would shut out an address for its failed logins; older ones don't know the word."""

_FORCED_COMMAND: Final = """\
#!/bin/sh
# Does what a host of repositories does: fetch and push, of what lies below one folder, nothing else.
printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >>{log}
refuse() {{ printf 'refused: %s\\n' "$SSH_ORIGINAL_COMMAND" >&2; exit 128; }}
case $SSH_ORIGINAL_COMMAND in
*..* | *"
"*) refuse ;;
"git-upload-pack '"*"'") service=upload-pack ;;
"git-receive-pack '"*"'") service=receive-pack ;;
*) refuse ;;
esac
path=${{SSH_ORIGINAL_COMMAND#*\\'}}
path=${{path%\\'}}
path=${{path#/}}
exec env -i {variables} GIT_PROTOCOL="$GIT_PROTOCOL" {git} "$service" {root}/"$path"
"""


class GitSshServer:
    """Serves all repositories below a folder to whoever holds an authorized key."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Start to listen; the server's own files are made in `folder`."""
        self.root = root
        self.user = getpass.getuser()
        self.port = 0
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._sshd = find_program("sshd", "openssh-server")
        self._authorized = folder / "authorized_keys"
        self._authorized.touch()
        self._commands = folder / "commands"
        self._commands.touch()
        self._lines: list[str] = []
        self._said = threading.Condition()
        self._keys = 0
        self.host_key = self._make_host_key()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.start()

    @property
    def fingerprint(self) -> str:
        """The host key as `ssh` shows it: `SHA256:…`."""
        return self.host_key.fingerprint

    @property
    def known_hosts(self) -> str:
        """The line by which a client knows the server."""
        return f"[127.0.0.1]:{self.port} {self.host_key.public}\n"

    @property
    def commands(self) -> list[str]:
        """What clients have asked for, in order: `git-upload-pack '/acme/pipelines.git'`."""
        return self._commands.read_text().splitlines()

    def url(self, name: str) -> str:
        """Return the address of a repository (`acme/pipelines`)."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}/{name}.git"

    def authorize(self, public_key: str) -> None:
        """Let the holder of that key in from now on."""
        self._authorized.write_text(f"{self._authorized.read_text()}{public_key.strip()}\n")

    def revoke(self, public_key: str) -> None:
        """Refuse that key from now on."""
        kind_and_key = public_key.split()[:2]
        kept = [
            line for line in self._authorized.read_text().splitlines() if line.split()[:2] != kind_and_key
        ]
        self._authorized.write_text("".join(f"{line}\n" for line in kept))

    def change_host_key(self) -> None:
        """Become another server at the same address."""
        self.stop()
        self.host_key = self._make_host_key()
        self.start()

    def stall(self) -> None:
        """Let new connections wait for a greeting until `release`."""
        self._signal(signal.SIGSTOP)

    def release(self) -> None:
        """Greet again."""
        self._signal(signal.SIGCONT)

    def said(self) -> str:
        """Return what sshd has logged."""
        with self._said:
            return "\n".join(self._lines)

    def until_said(self, text: str) -> None:
        """Block until sshd has logged that.

        Raises:
            TimeoutError: it never did.
        """
        with self._said:
            if not self._said.wait_for(lambda: any(text in line for line in self._lines), _SECONDS):
                raise TimeoutError(f"sshd never said {text!r}:\n" + "\n".join(self._lines))

    def start(self) -> None:
        """Listen, at the same port as before if there was one.

        Raises:
            RuntimeError: sshd can't start; the message says why.
        """
        _prepare_root()
        for _ in range(_TRIES):
            if self._listens_at(self.port or free_port()):
                return
        raise RuntimeError(f"sshd does not start:\n{self.said()}")

    def stop(self) -> None:
        """Break off all connections and stop listening; may be called twice."""
        if self._process is None or self._reader is None:
            return
        kill_tree(self._process.pid)
        self._process.wait(_SECONDS)
        self._reader.join(_SECONDS)
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._process = self._reader = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _make_host_key(self) -> SshKey:
        self._keys += 1
        return make_key(self._folder, f"host-key-{self._keys}")

    def _listens_at(self, port: int) -> bool:
        with self._said:
            self._lines.clear()
        command = [self._sshd, "-D", "-e", "-f", str(self._write_settings(port))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        self._reader = threading.Thread(target=self._listen_to, args=(self._process.stderr,), name="sshd-log")
        self._reader.start()
        with self._said:
            self._said.wait_for(
                lambda: any(line.startswith(("Server listening", "--ended")) for line in self._lines),
                _SECONDS,
            )
            listens = any(line.startswith("Server listening") for line in self._lines)
        if listens:
            self.port = port
        else:
            self.stop()
        return listens

    def _listen_to(self, log: IO[str]) -> None:
        for line in log:
            with self._said:
                self._lines.append(line.rstrip())
                self._said.notify_all()
        with self._said:
            self._lines.append("--ended")
            self._said.notify_all()

    def _write_settings(self, port: int) -> Path:
        command = self._folder / "serve"
        variables = clean_environment(self._folder)
        command.write_text(
            _FORCED_COMMAND.format(
                log=shlex.quote(str(self._commands)),
                variables=" ".join(shlex.quote(f"{name}={value}") for name, value in variables.items()),
                git=shlex.quote(git_program()),
                root=shlex.quote(str(self.root)),
            )
        )
        command.chmod(0o755)
        places = {
            "Port": str(port),
            "HostKey": str(self.host_key.file),
            "AuthorizedKeysFile": str(self._authorized),
            "ForceCommand": str(command),
        }
        settings = self._folder / "sshd_config"
        text = _SETTINGS + "".join(f"{name} {value}\n" for name, value in places.items())
        settings.write_text(text + _NEWER_SETTINGS)
        if not _accepts(self._sshd, ["-t", "-f", str(settings)]):
            settings.write_text(text)
        return settings


def _accepts(sshd: str, arguments: Sequence[str]) -> bool:
    done = subprocess.run([sshd, *arguments], capture_output=True, timeout=_SECONDS, check=False)
    return done.returncode == 0


def _prepare_root() -> None:
    """Make the empty folder that root's sshd locks its unprivileged half in; see that root may log in.

    Raises:
        RuntimeError: the account is locked, which sshd takes for an order to let nobody in.
    """
    if os.geteuid() != 0:
        return
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    if any(line.startswith("root:!") for line in Path("/etc/shadow").read_text().splitlines()):
        raise RuntimeError("sshd lets nobody into a locked account; unlock root by: usermod -p '*' root")
