"""What is wrong with a manifest, where, and what to do about it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

JsonPath = tuple[str | int, ...]
"""The way from the top of a JSON document to a value: keys and indexes."""

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]{0,79}")
_LONGEST_KEY: Final = 80


class Severity(StrEnum):
    """Whether a problem stops the pipeline from being started."""

    ERROR = "error"
    WARNING = "warning"


class Problem(BaseModel):
    """One thing to mend. Lines and columns count from 1, columns in characters."""

    model_config = ConfigDict(frozen=True)

    severity: Severity = Severity.ERROR
    file: str | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    """Such as `schedules[1].timeout`; None where the file as a whole is meant."""
    message: str
    remedy: str | None = None

    def __str__(self) -> str:
        """Write it in one line, the place first, as compilers do."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        parts = (place, self.field, self.message)
        sentence = ": ".join(part for part in parts if part)
        return f"{sentence}. {self.remedy}" if self.remedy else sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem as the rules find it: the value it is about is named, but not yet found in the file."""

    path: JsonPath
    message: str
    remedy: str | None = None
    severity: Severity = Severity.ERROR
    is_about_key: bool = False
    """The name of the field is the trouble, not its value."""


def dotted(path: Sequence[str | int]) -> str:
    """Write a path for people: `schedules[1].default_env["a b"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part[:_LONGEST_KEY])}]"
    return text
