"""Writes a file so that readers see all of it or nothing."""

import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write the file, its folders too where they are missing. Blocks.

    A draft in the same folder takes its name at the end; the name is never seen with half the content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
