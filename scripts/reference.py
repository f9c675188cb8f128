"""Writes docs/reference from the code, or checks that it has not drifted from it.

reference.py           write the pages
reference.py --check   fail if a page differs from what would be written
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from fastflow.settings import Settings

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTICE = "<!-- Written by `make reference`; change the code instead. -->"


def settings_page() -> str:
    """Return the page of settings: one row for each field of `Settings`."""
    rows = [
        f"| `{names[0]}`{_also(names[1:])} | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
        if (names := _environment_names(name, field))
    ]
    return "\n".join(
        [
            NOTICE,
            "# Settings",
            "",
            "Environment variables, read once when the server starts. A value that can't be right stops the",
            "start with a message that names the variable.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _environment_names(name: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return [choice for choice in choices if isinstance(choice, str) and choice != name]


def _also(names: list[str]) -> str:
    return "".join(f", `{name}`" for name in names)


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    return f"`{default}`" if default not in (None, "") else ""


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings_page}


def drifted() -> Iterator[str]:
    """Yield the pages that differ from the code."""
    for name, page in PAGES.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != page():
            yield name


def main(arguments: list[str]) -> int:
    """Write or check every page; return the exit code."""
    if arguments == ["--check"]:
        found = list(drifted())
        print(
            f"docs/reference: {', '.join(found)} differs; run make reference"
            if found
            else "docs/reference: current"
        )
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
