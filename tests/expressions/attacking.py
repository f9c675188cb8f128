"""Writes texts that make an expression work as hard as it can: a way into a repetition, and no way out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from typing import Any, Final

# How the standard library reads an expression; without types, and private to it.
parser: Any = import_module("re._parser")
constants: Any = import_module("re._constants")
_REPEATS: Final = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)
_ENDS: Final = ("", "\x00", "!", "\n", "\n\n")
_USUAL: Final = ("a", "0", " ", "\n")
_MOST_PUMPS: Final = 60


@dataclass(frozen=True, slots=True)
class Attack:
    """A family of texts that grow."""

    before: str
    pump: str
    end: str

    def text(self, length: int) -> str:
        """Return its member of about that length."""
        return self.before + self.pump * max(1, length // len(self.pump)) + self.end


def attacks_on(pattern: re.Pattern[Any]) -> list[Attack]:
    """Return families of texts to try an expression on."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags)
    alphabet = sorted({*_characters(tree), *_USUAL})[:12]
    places = dict.fromkeys([("", ""), *_places(tree, "")])
    found: dict[Attack, None] = {}
    for before, body in places:
        pumps = [body, *alphabet, *("".join(pair) for pair in product(alphabet[:6], repeat=2))]
        for pump in list(dict.fromkeys(filter(None, pumps)))[:_MOST_PUMPS]:
            found.update((Attack(before, pump, end), None) for end in _ENDS)
    # A whole beginning, again and again: what a search starts from everywhere.
    found.update((Attack("", _example(tree) + glue, end), None) for glue in ("", "\n", " ") for end in _ENDS)
    found.update((Attack("", before, end), None) for before, _ in places if before for end in _ENDS)
    return [attack for attack in found if attack.pump]


def _places(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """Yield each repetition: what leads there, and one round of it."""
    whole = list(tree)
    for number, (kind, argument) in enumerate(whole):
        here = before + _example(whole[:number])
        if kind in _REPEATS:
            yield here, _example(argument[2])
            yield from _places(argument[2], here)
        for inner in _inside(kind, argument):
            yield from _places(inner, here)


def _inside(kind: Any, argument: Any) -> list[Any]:
    if kind is constants.SUBPATTERN:
        return [argument[3]]
    if kind is constants.BRANCH:
        return list(argument[1])
    if kind is constants.ATOMIC_GROUP:
        return [argument]
    if kind in (constants.ASSERT, constants.ASSERT_NOT):
        return [argument[1]]
    return []


def _example(tree: Any) -> str:
    """Return a short text that the tree matches, lookarounds and references back aside."""
    text, is_at_end = "", False
    for kind, argument in tree:
        if is_at_end:
            text += "\n"
            is_at_end = False
        elif kind is constants.AT:
            is_at_end = argument is constants.AT_END
        elif kind in _REPEATS:
            text += _example(argument[2]) * max(1, min(argument[0], 50))
        elif kind is constants.BRANCH:
            text += max((_example(branch) for branch in argument[1]), key=len)
        elif kind in (constants.SUBPATTERN, constants.ATOMIC_GROUP):
            text += "".join(_example(inner) for inner in _inside(kind, argument))
        else:
            text += next(_of_atom(kind, argument), "")
    return text


def _characters(tree: Any) -> Iterator[str]:
    """Yield one or more characters of each place that takes one."""
    for kind, argument in tree:
        yield from _of_atom(kind, argument)
        if kind in _REPEATS:
            yield from _characters(argument[2])
        for inner in _inside(kind, argument):
            yield from _characters(inner)


def _of_atom(kind: Any, argument: Any) -> Iterator[str]:
    if kind is constants.LITERAL:
        yield chr(argument)
    elif kind in (constants.NOT_LITERAL, constants.ANY):
        yield "b" if argument == ord("a") else "a"
    elif kind is constants.IN:
        yield from _of_class(argument)


def _of_class(members: Any) -> Iterator[str]:
    negated = members[0][0] is constants.NEGATE
    pattern = re.compile("[" + "".join(map(_written, members)) + "]")
    for candidate in "a0A- ./_:=;~\n\t\x01\ud800" if negated else "":
        if pattern.match(candidate):
            yield candidate
            return
    for kind, argument in members:
        if kind is constants.LITERAL:
            yield chr(argument)
        elif kind is constants.RANGE:
            yield chr(argument[0])
        elif kind is constants.CATEGORY:
            yield {"DIGIT": "0", "SPACE": " ", "WORD": "a"}.get(str(argument).split("_")[-1], "!")


def _written(member: Any) -> str:
    kind, argument = member
    if kind is constants.NEGATE:
        return "^"
    if kind is constants.LITERAL:
        return re.escape(chr(argument))
    if kind is constants.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    negation = "NOT" in str(argument)
    letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[str(argument).split("_")[-1]]
    return "\\" + (letter.upper() if negation else letter)
