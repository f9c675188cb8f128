"""The pages explain in German every code that the API may answer with."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_SOURCE: Final = _ROOT / "src/fastflow"
_WORDS: Final = _ROOT / "web/src/i18n/codes.ts"
_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*")

_ANSWERING: Final = ("api", "services", "domain", "adapters/git", "adapters/github", "adapters/oauth")
"""Where the errors are raised that reach who asked; those of attempts are told as a run's outcome."""
_KINDS: Final = {
    "Conflict",
    "Forbidden",
    "Hindrance",
    "Invalid",
    "NotFound",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "too_many",
}
_OF_THE_PAGES: Final = {"unreachable"}
_NOT_ON_PAGES: Final = {
    "lease_lost",  # told to the worker that lost an attempt
    "log_closed",
}


def codes_in(module: ast.Module) -> Iterator[str]:
    """Yield the codes that errors are made with: literally, or by a name that stands for one."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        code = node.args[0]
        if name in _KINDS and isinstance(code, ast.Constant) and _CODE.fullmatch(str(code.value)):
            yield str(code.value)


def codes_told() -> set[str]:
    """Return the codes that the pages have German words for."""
    return set(re.findall(r"^  ([a-z_]+):", _WORDS.read_text("utf-8"), re.MULTILINE))


def test_every_code_that_the_api_answers_with_has_german_words() -> None:
    raised = {
        code
        for part in _ANSWERING
        for path in (_SOURCE / part).rglob("*.py")
        for code in codes_in(ast.parse(path.read_text("utf-8")))
    }
    assert len(raised) > 100, "the codes are no longer found where this test looks for them"
    assert raised - codes_told() - _NOT_ON_PAGES == set()


def test_no_german_words_are_kept_for_a_code_that_is_gone() -> None:
    source = "\n".join(path.read_text("utf-8") for path in _SOURCE.rglob("*.py"))
    assert [code for code in sorted(codes_told() - _OF_THE_PAGES) if f'"{code}"' not in source] == []
