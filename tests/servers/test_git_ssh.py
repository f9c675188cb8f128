"""What tests may rely on when they use Git over SSH."""

import shlex
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.servers.git_command import Git, GitError, client
from tests.servers.git_ssh import GitSshServer
from tests.servers.repository import GitRepository
from tests.servers.ssh_keys import SshKey, make_key

_NAME = "acme/pipelines"

Connect = Callable[[SshKey], Git]


@pytest.fixture(autouse=True)
def filled(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", "print(1)\n")
    git_repository.commit_and_push("First")
    return git_repository


@pytest.fixture
def key(tmp_path: Path) -> SshKey:
    return make_key(tmp_path, "deploy-key")


@pytest.fixture
def connect(git_ssh: GitSshServer, tmp_path: Path) -> Connect:
    """A client that holds a key and knows the server as it is now."""
    known = tmp_path / "known_hosts"
    known.write_text(git_ssh.known_hosts)

    def connect(key: SshKey) -> Git:
        command = _ssh(key, known)
        return client(tmp_path / "client", GIT_SSH_COMMAND=shlex.join(command))

    return connect


def _ssh(key: SshKey, known: Path) -> list[str]:
    options = {
        "IdentityFile": key.file,
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "UserKnownHostsFile": known,
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "BatchMode": "yes",
        "ConnectTimeout": 10,
    }
    return ["ssh", "-F", "none", *(f"-o{name}={value}" for name, value in options.items())]


def test_a_repository_is_cloned_fetched_and_pushed_to(
    git_ssh: GitSshServer, key: SshKey, connect: Connect, filled: GitRepository
):
    git_ssh.authorize(key.public)
    git = connect(key)
    trace = git.home / "trace"
    git("clone", "--quiet", git_ssh.url(_NAME), "copy", variables={"GIT_TRACE_PACKET": str(trace)})
    assert "version 2" in trace.read_text()
    filled.write("report/main.py", "print(2)\n")
    second = filled.commit_and_push("Second")
    git("-C", "copy", "pull", "--quiet")
    assert git("-C", "copy", "rev-parse", "HEAD") == second
    git("-C", "copy", "commit", "--quiet", "--allow-empty", "-m", "Third")
    git("-C", "copy", "push", "--quiet")
    assert filled.tip_of("main") == git("-C", "copy", "rev-parse", "HEAD")
    asked = f"'/{_NAME}.git'"
    assert git_ssh.commands == [
        f"git-upload-pack {asked}",
        f"git-upload-pack {asked}",
        f"git-receive-pack {asked}",
    ]


def test_a_key_that_is_not_authorized_is_refused(
    git_ssh: GitSshServer, key: SshKey, connect: Connect, tmp_path: Path
):
    other = make_key(tmp_path, "other-key")
    git_ssh.authorize(key.public)
    with pytest.raises(GitError, match=r"Permission denied \(publickey\)"):
        connect(other)("ls-remote", git_ssh.url(_NAME))
    assert "refs/heads/main" in connect(key)("ls-remote", git_ssh.url(_NAME))
    git_ssh.revoke(key.public)
    with pytest.raises(GitError, match=r"Permission denied \(publickey\)"):
        connect(key)("ls-remote", git_ssh.url(_NAME))


def test_a_server_with_another_host_key_is_not_trusted(git_ssh: GitSshServer, key: SshKey, connect: Connect):
    git_ssh.authorize(key.public)
    git = connect(key)
    before = git_ssh.url(_NAME), git_ssh.fingerprint
    git("ls-remote", git_ssh.url(_NAME))
    git_ssh.change_host_key()
    assert git_ssh.url(_NAME) == before[0]
    assert git_ssh.fingerprint != before[1]
    with pytest.raises(GitError, match="HOST IDENTIFICATION HAS CHANGED") as refusal:
        git("ls-remote", git_ssh.url(_NAME))
    assert git_ssh.fingerprint in str(refusal.value)


@pytest.mark.parametrize(
    "command",
    [
        "id",
        "git-upload-archive '/acme/pipelines.git'",
        "git-upload-pack '/../../../etc'",
        "git-upload-pack '/acme/pipelines.git'; id",
        "git-upload-pack '/acme/pipelines.git\nid'",
    ],
)
def test_a_key_opens_nothing_but_repositories(
    git_ssh: GitSshServer, key: SshKey, tmp_path: Path, command: str
):
    git_ssh.authorize(key.public)
    known = tmp_path / "known_hosts"
    known.write_text(git_ssh.known_hosts)
    place = ["-p", str(git_ssh.port), f"{git_ssh.user}@127.0.0.1"]
    done = subprocess.run(
        [*_ssh(key, known), *place, command],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (128, "")
    assert "refused" in done.stderr


def test_a_server_that_stalls_answers_when_it_is_released(
    git_ssh: GitSshServer, key: SshKey, connect: Connect
):
    git_ssh.authorize(key.public)
    git = connect(key)
    git_ssh.stall()
    with socket.create_connection(("127.0.0.1", git_ssh.port), timeout=5) as connection:
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    said: list[str] = []
    listing = threading.Thread(target=lambda: said.append(git("ls-remote", git_ssh.url(_NAME))))
    listing.start()
    git_ssh.release()
    listing.join(30)
    assert "refs/heads/main" in said[0]


def test_a_stopped_server_leaves_no_connection_and_no_process(
    git_ssh: GitSshServer, key: SshKey, connect: Connect
):
    git_ssh.authorize(key.public)
    git = connect(key)
    # A client that asks for nothing keeps the server's processes waiting for it.
    waiting = subprocess.Popen(
        [
            *shlex.split(git.variables["GIT_SSH_COMMAND"]),
            *("-p", str(git_ssh.port), f"{git_ssh.user}@127.0.0.1", f"git-upload-pack '/{_NAME}.git'"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert waiting.stdout is not None
    assert waiting.stdin is not None
    assert waiting.stdout.read(4)
    children = psutil.Process().children(recursive=True)
    serving = [process for process in children if "sshd" in process.name() or "git" in process.name()]
    assert len(serving) >= 3
    git_ssh.stop()
    assert not [process for process in serving if process.is_running()]
    waiting.communicate(timeout=30)
    with pytest.raises(GitError, match="Connection refused"):
        git("ls-remote", git_ssh.url(_NAME))
    git_ssh.start()
    git("ls-remote", git_ssh.url(_NAME))
