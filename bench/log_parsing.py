"""Measures what it costs to take an Engine's stream apart, in lines a second of one core; prints JSON.

From the bytes of a socket to the outputs that the log store takes: frames, then lines. `log_store.py`
measures what follows.
"""

import argparse
import json
import statistics
import struct
import time
from collections.abc import Callable, Sequence

from fastflow.adapters.docker.frames import Frames, joined, stamped
from fastflow.domain.line_splitter import LineSplitter

_READ_BYTES = 256 * 1024
"""As much as one read from the socket brings."""
_STAMP = b"2026-11-28T12:00:00.123456789Z "
_WRITE_BYTES = 16 * 1024
"""What a program that buffers writes at once, and the most that the Engine puts into a frame."""


def framed(payloads: Sequence[bytes]) -> list[bytes]:
    """Put each into a frame of stdout, and cut the whole as reads would."""
    raw = b"".join(struct.pack(">BxxxL", 1, len(payload)) + payload for payload in payloads)
    return [raw[at : at + _READ_BYTES] for at in range(0, len(raw), _READ_BYTES)]


def attached(reads: Sequence[bytes]) -> int:
    """Take apart what was attached before the start, as `OutputFollower` does."""
    frames, splitter = Frames(), LineSplitter()
    for read in reads:
        for stream, payload in joined(frames.feed(read)):
            splitter.feed(time.time_ns(), stream, payload)
    return splitter.seen.total


def from_log(reads: Sequence[bytes]) -> int:
    """Take apart the Engine's own log, which stamps each line."""
    frames, splitter = Frames(), LineSplitter()
    for read in reads:
        for at_ns, stream, message in stamped(frames.feed(read)):
            splitter.feed(at_ns, stream, message)
    return splitter.seen.total


def measure(lines: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return lines a second of the processor for each form in which lines come."""
    text = [
        b"%09d INFO worker: processed a record of the table, nothing remarkable here ok\n" % n
        for n in range(lines)
    ]
    whole = b"".join(text)
    parts = [part for line in text for part in (line[:10], line[10:20], line[20:])]
    forms: dict[str, tuple[Callable[[Sequence[bytes]], int], list[bytes]]] = {
        "written in large pieces": (
            attached,
            framed([whole[at : at + _WRITE_BYTES] for at in range(0, len(whole), _WRITE_BYTES)]),
        ),
        "each line flushed": (attached, framed(text)),
        "each line in three writes": (attached, framed(parts)),
        "from the Engine's log": (from_log, framed([_STAMP + line for line in text])),
    }
    times: dict[str, list[float]] = {name: [] for name in forms}
    for _ in range(rounds):
        for name, (take_apart, reads) in forms.items():
            began = time.process_time()
            if take_apart(reads) != lines:
                raise AssertionError(name)
            times[name].append(time.process_time() - began)
    return {
        name: {
            "lines_per_core_second": round(lines / statistics.median(taken)),
            "fastest": round(lines / min(taken)),
        }
        for name, taken in times.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(json.dumps(measure(options.lines, options.rounds), indent=2))


if __name__ == "__main__":
    main()
