"""Turns the text of a manifest into a `Manifest`, or into all that is wrong with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue, ValidationError

from fastflow.domain.manifest.consistency import contradictions
from fastflow.domain.manifest.json_reader import Document, NotJson, read_json
from fastflow.domain.manifest.models import Manifest
from fastflow.domain.manifest.problems import Fault, Problem, Severity, dotted
from fastflow.domain.manifest.unknown_fields import SCHEMA_REFERENCE, without_unknown
from fastflow.domain.manifest.wording import fault_of

MOST_PROBLEMS: Final = 100
"""What is listed of one file. Nobody mends more at once, and each is stored with the pipeline."""


@dataclass(frozen=True, slots=True)
class ManifestResult:
    """A manifest that was read. `manifest` is None if, and only if, a problem is an error."""

    manifest: Manifest | None
    problems: tuple[Problem, ...] = ()
    document: Document | None = None
    """The file itself, to find further values in; None where it is not JSON."""

    @property
    def errors(self) -> list[Problem]:
        """The problems that have to be mended before a run."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def parse_manifest(file_name: str, content: bytes) -> ManifestResult:
    """Read a manifest. Never raises: whatever is wrong with the file is in `problems`, errors first."""
    try:
        document = read_json(content)
    except NotJson as error:
        return ManifestResult(None, (_unreadable(file_name, error),))
    faults: list[Fault] = []
    manifest = _validate(document, faults)
    return with_faults(file_name, ManifestResult(manifest, document=document), faults)


def with_faults(file_name: str, result: ManifestResult, faults: Sequence[Fault]) -> ManifestResult:
    """Add what else was found out about a manifest, each fault with its place in the file."""
    located = [_locate(file_name, result.document, fault) for fault in faults]
    problems = sorted((*result.problems, *located), key=_order)
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    return ManifestResult(None if has_errors else result.manifest, _bounded(problems), result.document)


def has_only_manifest_fields(content: bytes) -> bool:
    """Whether a JSON file could be a manifest by its fields: at least one, and none of another kind."""
    try:
        value = read_json(content).root.value
    except NotJson:
        return False
    if not isinstance(value, dict):
        return False
    names = value.keys() - {SCHEMA_REFERENCE}
    return bool(names) and names <= Manifest.model_fields.keys()


def _validate(document: Document, faults: list[Fault]) -> Manifest | None:
    for path in document.duplicates:
        faults.append(Fault(path, "it is there more than once", "Keep one of them.", is_about_key=True))
    known = without_unknown(document.root.value, Manifest, faults)
    try:
        # From JSON, because only there "strict" still takes words for enums.
        manifest = Manifest.model_validate_json(json.dumps(known), strict=True)
    except ValidationError as error:
        faults.extend(_faults_of(error, known))
        return None
    faults.extend(contradictions(manifest))
    return manifest


def _faults_of(error: ValidationError, known: JsonValue) -> list[Fault]:
    by_path: dict[tuple[str | int, ...], Fault] = {}
    for details in error.errors(include_url=False):
        fault = fault_of(details, known)
        by_path.setdefault(fault.path, fault)  # a union complains once for each of its members
    return list(by_path.values())


def _locate(file_name: str, document: Document | None, fault: Fault) -> Problem:
    position = document.locate(fault.path, at_key=fault.is_about_key) if document else None
    return Problem(
        severity=fault.severity,
        file=file_name,
        line=position.line if position else None,
        column=position.column if position else None,
        field=dotted(fault.path) or None,
        message=fault.message,
        remedy=fault.remedy,
    )


def _unreadable(file_name: str, error: NotJson) -> Problem:
    return Problem(
        file=file_name,
        line=error.position.line,
        column=error.position.column,
        message=error.message,
        remedy=error.remedy,
    )


def _order(problem: Problem) -> tuple[bool, int, int]:
    return problem.severity is not Severity.ERROR, problem.line or 0, problem.column or 0


def _bounded(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    kept, rest = problems[: MOST_PROBLEMS - 1], len(problems) - MOST_PROBLEMS + 1
    last = problems[MOST_PROBLEMS - 1]
    more = last.model_copy(
        update={"message": f"{rest} more problems from here on", "field": None, "remedy": None}
    )
    return (*kept, more)
