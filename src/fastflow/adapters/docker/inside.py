"""How an attempt's container looks from the inside: paths, and the command that is its first child."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

CODE_DIRECTORY: Final = PurePosixPath("/fastflow/code")
"""The checkout, read-only; the working directory."""
RUN_DIRECTORY: Final = PurePosixPath("/fastflow/run")
"""The attempt's private directory, writable."""
STORE_DIRECTORY: Final = PurePosixPath("/fastflow/uv")
"""The uv store; an attempt sees one environment of it, the preparing container all."""
SECRETS_DIRECTORY: Final = PurePosixPath("/fastflow/secrets")
"""In memory, the run's alone; there only where a secret is handed over as a file."""
SECRETS_BYTES: Final = 16 * 1024**2
"""Room for as many secrets as a manifest may list, on any size of page; what is not used costs nothing."""
SECRETS_PIPE: Final = ".secrets"
"""Below the attempt's directory; gone as soon as the program is about to start, and never before."""
HANDOVER_PIPE: Final = ".handover"
"""The same, of a container that was made before its attempt was known. The server takes it away then."""
BEGUN_FILE: Final = ".begun"
"""There before such a container's program starts, until the server has seen it: `rm` would cost 4 ms."""
TEMPORARY_DIRECTORY: Final = PurePosixPath("/tmp")  # noqa: S108 - the container's own
SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER_NAME: Final = "fastflow"
"""The user id has no name in the image; `getpass.getuser` asks the variable USER first."""
USAGE_FILE: Final = "usage"
"""Below the attempt's directory; written at its end by the script below."""

# PID 1 is docker-init. It signals our whole process group (TINI_KILL_PROCESS_GROUP), so the payload stays in
# the foreground and the shell need not forward: a shell's background children ignore SIGINT for ever.
# The shell's own words ("Terminated") would look like the program's, so it keeps silent.
# No other program is started, so that this costs under two milliseconds: `read` and `echo` are built in.
# The pipe gives it commands that write the files of secrets (`secret_pipe.py`), the last of them `exit 0`:
# where the server dies in the middle, they end otherwise, and nothing is executed.
# A container made ahead has no program yet. It waits at a pipe for commands (`hand_over.py`) that write the
# files of secrets and say what to execute, with which variables: in a function, so that a part does nothing.
# The other end is held open by the server: when that dies, the wait is over, and nothing is executed.
# The kernel's files: cgroup v2 first (memory.peak since Linux 5.19), then v1.
SCRIPT: Final = """
unset TINI_KILL_PROCESS_GROUP
asked=0
trap 'asked=1' TERM INT HUP QUIT
exec 3>&2 2>/dev/null
pipe=/fastflow/run/.secrets
if [ -p "$pipe" ]; then
    (. "$pipe"; exit 1) && command -p rm "$pipe" || {
        [ "$asked" = 1 ] || echo "fastflow: the files of the secrets could not be written" >&3
        exit 125
    }
fi
handed() { exec "$@"; }
if [ "$#" = 0 ]; then
    pipe=/fastflow/run/.handover is_whole=0
    . "$pipe"
    [ "$is_whole" = 1 ] && : >/fastflow/run/.begun || exit 125
fi
(exec 2>&3 3>&-; handed "$@")
code=$?
{
echo "asked_to_end value $asked"
cd /sys/fs/cgroup
for file in memory.peak memory.events cpu.stat \\
    memory/memory.max_usage_in_bytes memory/memory.oom_control cpuacct/cpuacct.usage
do
    while read -r key value; do echo "$file $key $value"; done <"$file"
done
} >/fastflow/run/usage 2>/dev/null
exit "$code"
"""


def command(program: Sequence[str]) -> list[str]:
    """Return the container's command: a program below a shell that writes down what was used.

    None: the shell waits until it is told.
    """
    return ["/bin/sh", "-c", SCRIPT, "fastflow", *program]


def secrets_tmpfs(uid: int, gid: int) -> str:
    """Return how the folder for secrets is mounted."""
    return f"rw,nosuid,nodev,noexec,mode=0700,uid={uid},gid={gid},size={SECRETS_BYTES}"
