"""The inline metadata of scripts is found where the reference implementation finds it."""

import re
import tomllib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.adapters.uv.script_metadata import read_script_metadata
from fastflow.domain.environment import EnvironmentFailed

# https://packaging.python.org/en/latest/specifications/inline-script-metadata/
REFERENCE: Final = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
LINES: Final = st.lists(
    st.sampled_from(
        [
            "# /// script",
            "# /// other",
            "# ///",
            "#",
            "# x = 1",
            "# y = 2",
            "#z",
            "",
            "import x",
            "# /// script ",
            " # ///",
        ]
    ),
    max_size=14,
)


@given(LINES, st.booleans())
def test_blocks_are_found_where_the_reference_finds_them(lines: list[str], ends_in_a_line: bool) -> None:
    source = "\n".join(lines) + ("\n" if ends_in_a_line else "")
    expected = [_content(match) for match in REFERENCE.finditer(source) if match["type"] == "script"]
    if len(expected) > 1 or not all(map(_is_toml, expected)):
        with pytest.raises(EnvironmentFailed):
            read_script_metadata(source.encode())
        return
    found = read_script_metadata(source.encode())
    assert ([found.text] if found is not None else []) == expected


def _content(match: re.Match[str]) -> str:
    lines = match["content"].splitlines(keepends=True)
    return "".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def test_a_line_separator_inside_a_text_does_not_end_the_line() -> None:
    found = read_script_metadata(
        '# /// script\n# requires-python = ">=3.11"\n# x = "a\u2028b"\n# ///\n'.encode()
    )
    assert found is not None
    assert "a\u2028b" in found.text


@pytest.mark.parametrize("count", [1, 2])
def test_more_than_one_block_is_refused(count: int) -> None:
    source = ("# /// script\n# x = 1\n# ///\n\n" * count).encode()
    if count == 1:
        assert read_script_metadata(source) is not None
    else:
        with pytest.raises(EnvironmentFailed, match="more than one"):
            read_script_metadata(source)
