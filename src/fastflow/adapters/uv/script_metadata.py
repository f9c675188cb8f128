"""Reads the inline metadata of a script (PEP 723)."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from fastflow.domain.environment import EnvironmentFailed

_BEGIN: Final = re.compile(r"# /// ([a-zA-Z0-9-]+)")
_END: Final = "# ///"


@dataclass(frozen=True, slots=True)
class ScriptMetadata:
    """What a script says it needs."""

    requires_python: str
    """A version specifier such as `>=3.12`, or empty."""
    text: str
    """The whole block as TOML: `dependencies`, and uv's own settings in `[tool.uv]`."""
    install_options: list[str]
    """The indexes of `[[tool.uv.index]]` as lines of a requirements file."""


def read_script_metadata(source: bytes) -> ScriptMetadata | None:
    """Return the script's metadata; None where it has none.

    Raises:
        EnvironmentFailed: it has some, but they can't be understood.
    """
    text = source.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    blocks = [lines for kind, lines in _blocks(text.split("\n")) if kind == "script"]
    if not blocks:
        return None
    if len(blocks) > 1:
        raise EnvironmentFailed("main.py has more than one `# /// script` block; keep one (PEP 723)")
    content = "".join(f"{line[2:]}\n" for line in blocks[0])
    try:
        metadata = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise EnvironmentFailed(f"The `# /// script` block of main.py is not valid TOML: {error}") from error
    _check_dependencies(metadata.get("dependencies", []))
    return ScriptMetadata(
        requires_python=_text(metadata.get("requires-python", "")),
        text=content,
        install_options=_indexes(metadata),
    )


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the type and the lines of each block, as the reference implementation finds them.

    Its expression takes time by the square of the lines where blocks begin and never end:
    https://packaging.python.org/en/latest/specifications/inline-script-metadata/
    """
    number = 0
    while number < len(lines):
        begin = _BEGIN.fullmatch(lines[number])
        if begin is None:
            number += 1
            continue
        last, beyond = None, number + 1
        while beyond < len(lines) and (lines[beyond] == "#" or lines[beyond].startswith("# ")):
            if lines[beyond] == _END and beyond > number + 1:
                last = beyond
            beyond += 1
        if last is not None:
            yield begin[1], lines[number + 1 : last]
        # Where nothing ends this block, nothing ends one that begins among its lines.
        number = beyond if last is None else last + 1


def _check_dependencies(value: object) -> None:
    is_list = isinstance(value, list)
    if not is_list or not all(isinstance(item, str) for item in cast("list[object]", value)):
        raise EnvironmentFailed(
            "`dependencies` in the `# /// script` block of main.py must be a list of requirements, "
            'such as ["requests>=2"]'
        )


def _indexes(metadata: dict[str, object]) -> list[str]:
    # Whatever has another shape than expected is left to uv, which says what is wrong with it.
    options: list[str] = []
    for index in _items(_table(_table(metadata.get("tool")).get("uv")).get("index")):
        url, is_default = _table(index).get("url"), _table(index).get("default") is True
        if isinstance(url, str) and not any(character.isspace() for character in url):
            options.append(f"{'--index-url' if is_default else '--extra-index-url'} {url}")
    return options


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _items(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise EnvironmentFailed(
        '`requires-python` in the `# /// script` block of main.py must be text, such as ">=3.12"'
    )
