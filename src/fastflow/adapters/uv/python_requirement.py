"""Says whether a Python version meets a requirement such as `>=3.11,<3.14`."""

import re
from typing import Final

from fastflow.domain.environment import EnvironmentFailed

Version = tuple[int, int, int]

_CLAUSE: Final = re.compile(
    r"(?P<operator>~=|===?|!=|<=|>=|<|>)\s*(?P<release>\d+(?:\.\d+){0,2})(?P<wildcard>\.\*)?(?:\.?[a-z]+\d*)?"
)


def meets(version: Version, requirement: str) -> bool:
    """Return whether a release satisfies every clause (PEP 440; pre-release suffixes are not looked at).

    Raises:
        EnvironmentFailed: the requirement can't be understood.
    """
    clauses = [clause.strip() for clause in requirement.split(",")]
    return all(_meets_clause(version, clause, requirement) for clause in clauses if clause)


def _meets_clause(version: Version, clause: str, requirement: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise EnvironmentFailed(
            f"requires-python {requirement!r} is not a version specifier; write for example '>=3.12'"
        )
    numbers = [int(number) for number in match["release"].split(".")]
    bound = [*numbers, 0, 0][:3]
    is_same = list(version[: len(numbers)]) == numbers if match["wildcard"] else list(version) == bound
    match match["operator"]:
        case "==" | "===":
            return is_same
        case "!=":
            return not is_same
        case "~=":
            return list(version) >= bound and list(version[: len(numbers) - 1]) == numbers[:-1]
        case ">=":
            return list(version) >= bound
        case "<=":
            return list(version) <= bound
        case ">":
            return list(version) > bound
        case _:
            return list(version) < bound
