"""Measures what hiding secrets costs the log store, in processor time and ratios of one run; prints JSON."""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from uuid import uuid4

from log_store import chunks, raw_lines

from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import LogKey, Stream
from fastflow.domain.masking import Masker, NothingToHide, SecretMasker
from fastflow.orchestrator.hiding import hidden_outputs

LENGTH = 32
NUMBERS = (1, 10, 100)


def secrets(number: int) -> list[str]:
    """Make as many values as look like tokens."""
    random = Random(1)  # noqa: S311 - the same values every time
    return ["".join(random.choices(ascii_letters + digits + "+/-_", k=LENGTH)) for _ in range(number)]


async def write(store: FileLogStore, raw: bytes, masker: Masker) -> float:
    """Split, hide and store the output as an attempt's; return the seconds of the processor, all threads."""
    writer = await store.open(LogKey(str(uuid4()), 1))
    splitter = LineSplitter()
    start = time.process_time()
    for chunk in chunks(raw):
        await writer.append(await hidden_outputs(masker, splitter.feed(time.time_ns(), Stream.STDOUT, chunk)))
    seconds = time.process_time() - start
    await writer.close(is_complete=True)
    return seconds


def with_a_secret_every(raw: bytes, lines: int, secret: str) -> bytes:
    """Put a secret into every so many lines."""

    def written() -> Iterator[bytes]:
        for number, line in enumerate(raw.splitlines(keepends=True)):
            yield secret.encode() + b" " + line if number % lines == 0 else line

    return b"".join(written())


async def measure(root: Path, lines: int, rounds: int) -> dict[str, float]:
    """Write the same log with and without secrets to hide, taking turns."""
    store = FileLogStore(root, 1 << 40)
    raw = raw_lines(lines)
    told = with_a_secret_every(raw, 100, secrets(1)[0])
    kinds: dict[str, tuple[bytes, Masker]] = {"without_secrets": (raw, NothingToHide())}
    kinds |= {f"with_{number}_secrets": (raw, SecretMasker(secrets(number))) for number in NUMBERS}
    kinds["with_1_secret_on_every_100th_line"] = (told, SecretMasker(secrets(1)))
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, (output, masker) in kinds.items():
            seconds[kind].append(await write(store, output, masker))
    plain = min(seconds["without_secrets"])  # the least disturbed round of each
    found: dict[str, float] = {"lines": lines, "lines_per_processor_second": round(lines / plain)}
    for kind, times in seconds.items():
        found[f"percent_more_time_{kind}"] = round(100 * (min(times) / plain - 1), 1)
    for number in NUMBERS:
        masker = SecretMasker(secrets(number))
        start = time.process_time()
        for chunk in chunks(raw):
            masker.outputs(LineSplitter().feed(0, Stream.STDOUT, chunk))
        found[f"masked_mb_per_second_{number}"] = round(len(raw) / (time.process_time() - start) / 1e6)
    return found


def main() -> None:
    """Run the measurement in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        print(json.dumps(asyncio.run(measure(Path(root), arguments.lines, arguments.rounds)), indent=2))


if __name__ == "__main__":
    main()
