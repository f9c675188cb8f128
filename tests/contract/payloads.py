"""Behaviours of a pipeline, said twice: as Python for the real executors, as a script for the fake."""

from dataclasses import dataclass
from typing import Final

from fastflow.domain.log import Sample, Stream
from tests.fakes.script import Script, Write, line


@dataclass(frozen=True, slots=True)
class Payload:
    """A `main.py`, and what the fake has to do in its place."""

    code: str
    script: Script


def exits(code: int) -> Payload:
    """End silently with that exit code."""
    return Payload(f"raise SystemExit({code})", Script(exit_code=code))


KILLS_ITSELF: Final = Payload(
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    Script(exit_code=137),
)

COUNTS: Final = 300
PRINTS_BOTH_STREAMS: Final = Payload(
    f"""
import sys
for number in range({COUNTS}):
    print("out", number, flush=True)
    print("err", number, file=sys.stderr, flush=True)
""",
    Script(
        [
            line(f"{stream.removeprefix('std')} {number}", stream)
            for number in range(COUNTS)
            for stream in Stream
        ],
        exit_code=0,
    ),
)

ENDS_WITHOUT_A_NEWLINE: Final = Payload(
    'import sys\nsys.stdout.write("whole\\nrest")\n',
    Script([Write(b"whole\nrest")], exit_code=0),
)

INVALID: Final = b"\xff\xfe\x00\x80 caf\xe9\n"
WRITES_INVALID_UTF8: Final = Payload(
    f"import os\nos.write(1, {INVALID!r})\n",
    Script([Write(INVALID)], exit_code=0),
)

LONG_LINE: Final = b"x" * 3_000_000 + b"\n"
WRITES_A_LONG_LINE: Final = Payload(
    "import sys\nsys.stdout.write('x' * 3_000_000 + '\\n')\n",
    Script([Write(LONG_LINE)], exit_code=0),
)

SAYS_READY_AND_HANDLES_SIGTERM: Final = Payload(
    """
import signal, sys, time
def bye(*_):
    print("bye", flush=True)
    sys.exit(5)
signal.signal(signal.SIGTERM, bye)
print("ready", flush=True)
while True:
    time.sleep(60)
""",
    Script([line("ready")], writes_on_stop=[line("bye")], exit_code_on_stop=5),
)

IGNORES_SIGTERM: Final = Payload(
    """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    time.sleep(60)
""",
    Script([line("ready")], exit_code_on_stop=None),
)

BURNED_CPU_SECONDS: Final = 0.2
HELD_MEMORY_BYTES: Final = 60 * 1024**2
USES_CPU_AND_MEMORY: Final = Payload(
    f"""
import time
held = bytearray(b"x") * {HELD_MEMORY_BYTES}
while time.process_time() < {BURNED_CPU_SECONDS}:
    pass
""",
    Script(
        exit_code=0, peak_memory_bytes=HELD_MEMORY_BYTES + 10 * 1024**2, cpu_seconds=BURNED_CPU_SECONDS + 0.05
    ),
)

MEMORY_LIMIT_BYTES: Final = 64 * 1024**2
OUTGROWS_ITS_MEMORY: Final = Payload(
    """
import time
held = []
while True:
    held.append(bytearray(b"x") * 1_000_000)
    time.sleep(0.005)
""",
    Script(exit_code=137, was_out_of_memory=True, peak_memory_bytes=MEMORY_LIMIT_BYTES),
)

IS_BUSY: Final = Payload(
    """
held = bytearray(b"x") * 50_000_000
print("ready", flush=True)
while True:
    pass
""",
    Script([line("ready")], samples=[Sample(0, 95.0, 60_000_000)]),
)

NEIGHBOUR_TEXT: Final = "from the file next to main.py"
SHOWS_WHAT_IT_WAS_GIVEN: Final = Payload(
    """
import os, sys
print(os.environ["GREETING"])
print(open("neighbour.txt").read())
print(os.path.basename(sys.argv[0]), sys.argv[1:])
print(sys.stdin.read() == "")
""",
    Script(
        [line("héllo = 'wörld'"), line(NEIGHBOUR_TEXT), line("main.py ['--flag']"), line("True")], exit_code=0
    ),
)

SECRET: Final = 'it\'s\na "secret" with $(id) and é\n'  # noqa: S105 - of nothing
READS_ITS_SECRET_FILE: Final = Payload(
    """
import os
path = os.environ["KEY_FILE"]
status = os.stat(path)
text = open(path, newline="").read()
print(repr(text), oct(status.st_mode & 0o777), status.st_uid == os.getuid(), os.path.basename(path))
print(oct(os.stat(os.path.dirname(path)).st_mode & 0o777))
print("KEY" in os.environ, text in open("/proc/self/environ").read())
""",
    Script([line(f"{SECRET!r} 0o400 True KEY"), line("0o700"), line("False False")], exit_code=0),
)

WRITES_INTO_ITS_CODE: Final = Payload(
    """
try:
    open("main.py", "a").write("# changed")
except OSError:
    print("refused")
""",
    Script([line("refused")], exit_code=0),
)
