"""Reads JSON so that every value can be found again in the file, by line and column."""

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydantic import JsonValue

from fastflow.domain.limits import format_bytes
from fastflow.domain.manifest.problems import JsonPath

LARGEST_BYTES: Final = 1024**2
DEEPEST: Final = 64
LONGEST_NUMBER: Final = 300
"""Digits. Python refuses to read more than 4,300, and a float ends at 308."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRING_BODY: Final = re.compile(r'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<fraction>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_WORD: Final = re.compile(r"[-+.\w$]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_WORDS: Final[dict[str, JsonValue]] = {"true": True, "false": False, "null": None}
_FOREIGN_WORDS: Final = {"True": "true", "False": "false", "None": "null", "undefined": "null"}


class Position(NamedTuple):
    """A place in the file, counted from 1; columns count characters."""

    line: int
    column: int


class NotJson(Exception):
    """The file is not JSON; `position` is where reading had to stop."""

    def __init__(self, position: Position, message: str, remedy: str | None) -> None:
        super().__init__(message)
        self.position = position
        self.message = message
        self.remedy = remedy


@dataclass(slots=True)
class Node:
    """A value, where it starts, and where its key does."""

    value: JsonValue
    start: int
    key_start: int
    members: "dict[str, Node]" = field(default_factory=dict[str, "Node"])
    items: "list[Node]" = field(default_factory=list["Node"])

    def child(self, part: str | int) -> "Node | None":
        """Return the value below that key or index; None where there is none."""
        if isinstance(part, str):
            return self.members.get(part)
        return self.items[part] if 0 <= part < len(self.items) else None


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON file that could be read."""

    text: str
    root: Node
    duplicates: tuple[JsonPath, ...]
    """Keys that occur again in their object. The last one counts, and is the one that is located."""

    def locate(self, path: JsonPath, *, at_key: bool = False) -> Position:
        """Return where the value (or its key) starts; for one that is missing, where its parent does."""
        node = self.root
        for number, part in enumerate(path, start=1):
            child = node.child(part)
            if child is None:
                break
            node = child
            if at_key and number == len(path):
                return position_of(self.text, node.key_start)
        return position_of(self.text, node.start)


def position_of(text: str, offset: int) -> Position:
    """Count lines and columns up to an offset."""
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def read_json(content: bytes) -> Document:
    """Read a JSON file as RFC 8259 defines it, with or without a byte order mark.

    Raises:
        NotJson: it is not, or it is larger, deeper or longer-numbered than any manifest needs to be.
    """
    return _Reader(_decode(content)).read()


def _decode(content: bytes) -> str:
    start = Position(1, 1)
    if len(content) > LARGEST_BYTES:
        raise NotJson(
            start,
            f"the file has {format_bytes(len(content))}; a manifest may have {format_bytes(LARGEST_BYTES)}",
            "Keep data in a file of its own that the script reads.",
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotJson(start, "the file is written in UTF-16", "Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise NotJson(position_of(before, len(before)), message, "Save the file as UTF-8.") from error


class _Reader:
    """A recursive descent over the text; `_at` is the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._path: list[str | int] = []
        self._duplicates: list[JsonPath] = []

    def read(self) -> Document:
        self._skip_space()
        if self._at == len(self._text):
            raise self._stop("the file is empty", "Write {} for a pipeline without settings, or delete it.")
        root = self._value(self._at)
        self._skip_space()
        if self._at < len(self._text):
            raise self._stop("there is more text after the end of the JSON", "Delete it.")
        return Document(self._text, root, tuple(self._duplicates))

    def _value(self, key_start: int) -> Node:
        start = self._at
        character = self._peek()
        if character in ("{", "["):
            if len(self._path) >= DEEPEST:
                raise self._stop(f"values are nested more than {DEEPEST} deep", "Flatten them.")
            return self._object(key_start) if character == "{" else self._array(key_start)
        if character == '"':
            return Node(self._string(), start, key_start)
        return Node(self._scalar(), start, key_start)

    def _object(self, key_start: int) -> Node:
        node = Node(None, self._at, key_start)
        value: dict[str, JsonValue] = {}
        self._open("{")
        while self._peek() != "}":
            start = self._at
            name = self._key()
            self._path.append(name)
            if name in value:
                self._duplicates.append(tuple(self._path))
            child = self._value(start)
            node.members[name] = child
            value[name] = child.value
            self._path.pop()
            self._separator("}")
        self._at += 1
        node.value = value
        return node

    def _key(self) -> str:
        if self._peek() != '"':
            raise self._stop("a field's name in double quotes was expected", self._remedy_for_name())
        name = self._string()
        self._skip_space()
        if self._peek() != ":":
            raise self._stop(f"a colon was expected after {json.dumps(name[:60])}", "Write it.")
        self._at += 1
        self._skip_space()
        return name

    def _array(self, key_start: int) -> Node:
        node = Node(None, self._at, key_start)
        values: list[JsonValue] = []
        self._open("[")
        while self._peek() != "]":
            self._path.append(len(values))
            child = self._value(self._at)
            node.items.append(child)
            values.append(child.value)
            self._path.pop()
            self._separator("]")
        self._at += 1
        node.value = values
        return node

    def _open(self, bracket: str) -> None:
        closing = {"{": "}", "[": "]"}[bracket]
        opened = position_of(self._text, self._at)
        self._at += 1
        self._skip_space()
        if self._at == len(self._text):
            raise self._stop(f"the {bracket} of line {opened.line} is not closed", f"Write the {closing}.")

    def _separator(self, closing: str) -> None:
        """Move to the next entry, or to the closing bracket."""
        self._skip_space()
        character = self._peek()
        if character == closing:
            return
        if character != ",":
            missing = f"a comma or {closing} was expected"
            raise self._stop(missing, "Write a comma between entries." if character else f"Write {closing}.")
        comma = self._at
        self._at += 1
        self._skip_space()
        if self._peek() == closing:
            self._at = comma
            raise self._stop(f"there is a comma before the {closing}", "Delete the comma.")

    def _string(self) -> str:
        body = _STRING_BODY.match(self._text, self._at + 1)
        end = body.end() if body else self._at + 1
        if self._text[end : end + 1] != '"':
            raise self._stop_in_string(end)
        start, self._at = self._at, end + 1
        value: str = json.loads(self._text[start : self._at])
        if _SURROGATE.search(value):
            self._at = start
            raise self._stop("the text has half of a surrogate pair", "Write the character itself.")
        if "\0" in value:
            self._at = start
            raise self._stop("the text has a NUL character (\\u0000)", "Delete it.")
        return value

    def _stop_in_string(self, end: int) -> NotJson:
        character = self._text[end : end + 1]
        if character == "\\":
            self._at = end
            escape = self._text[end : end + 2]
            return self._stop(f"{escape} is not an escape of JSON", "Write a backslash itself as \\\\.")
        if character in ("", "\n", "\r"):
            return self._stop("the text is not closed", 'Write a " at its end; a line break is \\n.')
        self._at = end
        return self._stop(
            f"a control character (0x{ord(character):02x}) is in the text", "Write a tab as \\t."
        )

    def _scalar(self) -> JsonValue:
        word = _WORD.match(self._text, self._at)
        text = word.group() if word else ""
        if text in _WORDS:
            self._at += len(text)
            return _WORDS[text]
        number = _NUMBER.fullmatch(text)
        if number is None:
            raise self._stop(*self._what_instead(text))
        value = self._number(text, is_whole=not number["fraction"])
        self._at += len(text)
        return value

    def _number(self, text: str, *, is_whole: bool) -> JsonValue:
        too_large = self._stop(f"the number {text[:20]}… is too large", "Write a smaller one, or text.")
        if is_whole:
            if len(text) > LONGEST_NUMBER:
                raise too_large
            return int(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise too_large
        return value

    def _what_instead(self, text: str) -> tuple[str, str | None]:
        if text in _FOREIGN_WORDS:
            return f"{text} is not JSON", f"Write {_FOREIGN_WORDS[text]}."
        if text.lstrip("+-") in ("NaN", "Infinity"):
            return f"{text} is not a number of JSON", "Write a number, or leave the field out."
        if text[:1].isdigit() or text[:1] in ("-", "+", "."):
            return f"{text[:40]} is not a number as JSON writes them", "Write digits such as 10 or 0.5."
        if text:
            return f"{text[:40]} is not a value", f'Write text in double quotes: "{text[:40]}".'
        if self._at == len(self._text):
            return "the file ends where a value was expected", "Write the value and close all brackets."
        character = self._text[self._at]
        if character == "'":
            return "text in single quotes is not JSON", 'Use double quotes: "…".'
        if character in ("/", "#"):
            return "JSON has no comments", "Delete the comment."
        return f"{character!r} is not a value", "Write text in double quotes, a number, true, false or null."

    def _remedy_for_name(self) -> str | None:
        character = self._peek()
        if character in ("/", "#"):
            return "JSON has no comments; delete it."
        if character == "'":
            return "Use double quotes instead of single ones."
        word = _WORD.match(self._text, self._at)
        return f'Write "{word.group()[:40]}".' if word else 'Write "name": value.'

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at

    def _stop(self, message: str, remedy: str | None) -> NotJson:
        return NotJson(position_of(self._text, self._at), message, remedy)
