"""Follows `-r` and `-c` from one requirements file to the others that it names."""

import re
from pathlib import Path
from typing import Final

from fastflow.domain.environment import EnvironmentFailed

LARGEST_FILE_BYTES: Final = 1024**2
MOST_FILES: Final = 50
_REFERENCE: Final = re.compile(
    r"^(?:-r|-c|--requirements?|--constraints?)(?:\s*=\s*|\s+|(?<=-[rc]))(?P<name>\S.*)$"
)
_INSTALL_OPTION: Final = re.compile(
    r"^(?:-i|-f|--(?:index-url|extra-index-url|find-links|no-index|no-binary|only-binary))(?:[\s=]|$)"
)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")


def read_requirement_files(checkout: Path, name: str) -> dict[str, bytes]:
    """Return the content of a requirements file and of all it refers to, by path below the checkout.

    Raises:
        EnvironmentFailed: a file is missing, too large, or outside the pipeline's folder.
    """
    root = checkout.resolve()
    found: dict[str, bytes] = {}
    waiting = [root / name]
    while waiting:
        path = waiting.pop()
        relative = _relative(path, root)
        if relative in found:
            continue
        if len(found) == MOST_FILES:
            raise EnvironmentFailed(f"{name} leads to more than {MOST_FILES} requirements files")
        found[relative] = read_bounded(path, relative, LARGEST_FILE_BYTES)
        waiting.extend(path.parent / reference for reference in _references(found[relative], relative))
    return found


def install_options(files: dict[str, bytes]) -> list[str]:
    """Return the lines that say where packages come from (`--index-url …`) and in which form."""
    return [
        line for content in files.values() for line in logical_lines(content) if _INSTALL_OPTION.match(line)
    ]


def read_bounded(path: Path, name: str, limit_bytes: int) -> bytes:
    """Return the file's content.

    Raises:
        EnvironmentFailed: it can't be read or is larger than the limit.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except OSError as error:
        raise EnvironmentFailed(f"{name} can't be read: {error.strerror}") from error
    if len(content) > limit_bytes:
        raise EnvironmentFailed(f"{name} is larger than {limit_bytes} bytes")
    return content


def _relative(path: Path, root: Path) -> str:
    real = path.resolve()
    if not real.is_relative_to(root):
        raise EnvironmentFailed(f"{path.name} lies outside the pipeline's folder; copy it into the folder")
    return real.relative_to(root).as_posix()


def _references(content: bytes, file: str) -> list[str]:
    matches = (_REFERENCE.match(line) for line in logical_lines(content))
    names = [match["name"].strip().strip("\"'") for match in matches if match]
    for name in names:
        if "://" in name:
            raise EnvironmentFailed(
                f"{file} refers to {name}; a pipeline's requirements must lie in its own folder, "
                "because what an address answers can change without a new revision"
            )
    return names


def logical_lines(content: bytes) -> list[str]:
    """Return the lines of a requirements file, continued ones in one piece, without comments."""
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\\\n", "")
    return [_COMMENT.sub("", line).strip() for line in text.split("\n")]
