"""Writes a pipeline's files to disk, from objects."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fastflow.adapters.git.listing import File
from fastflow.adapters.git.objects import ObjectReader

_DIRECTORY_MODE: Final = 0o755
"""Attempts run as other users than the server, whatever its umask is."""


def lay_out_files(reader: ObjectReader, files: Sequence[File], into: Path) -> None:
    """Write these files into the new directory `into`, with the modes 0644 and 0755. Blocks on files.

    No filter, no conversion of line ends: what was committed, byte for byte.

    Raises:
        ObjectMissing: the mirror lacks one.
        OSError: writing failed.
    """
    into.mkdir()
    into.chmod(_DIRECTORY_MODE)
    made = {into}
    # Links come last: nothing is ever written through one.
    for file in sorted(files, key=lambda file: file.link is not None):
        path = into / file.path
        _make_parents(path.parent, made)
        if file.link is not None:
            path.symlink_to(file.link)
            continue
        mode = 0o755 if file.is_executable else 0o644
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as target:
            os.fchmod(target.fileno(), mode)
            for chunk in reader.content(file.id):
                target.write(chunk)


def _make_parents(directory: Path, made: set[Path]) -> None:
    if directory not in made:
        _make_parents(directory.parent, made)
        directory.mkdir()
        directory.chmod(_DIRECTORY_MODE)
        made.add(directory)
