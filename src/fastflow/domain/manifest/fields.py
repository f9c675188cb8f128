"""The kinds of values that manifest fields take, each with its check and its advice."""

import re
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from fastflow.domain.limits import format_bytes, parse_bytes
from fastflow.domain.manifest.cron import cron_problem
from fastflow.domain.names import is_pipeline_name, is_variable_name
from fastflow.domain.variables import MAX_VARIABLES, RESERVED_PREFIX, problems_of

ADVISED: Final = "advised"
"""The type of errors that bring their own remedy, in `ctx`."""
SMALLEST_MEMORY_BYTES: Final = 6 * 1024**2
"""What Docker asks for at least (Engine API, `HostConfig.Memory`)."""
LONGEST_SECONDS: Final = 366 * 24 * 3600
_PYTHON: Final = re.compile(r"3\.(?:[89]|[1-9][0-9])(?:\.[0-9]{1,3})?")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_FERNET: Final = re.compile(r"gAAAA[A-Za-z0-9_-]{93,}={0,2}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")


def advised(message: str, remedy: str) -> PydanticCustomError:
    """Return an error for a validator to raise: what is wrong, and what to write instead."""
    return PydanticCustomError(ADVISED, "{message}", {"message": message, "remedy": remedy})


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "…")


def _size(text: str) -> str:
    try:
        size = parse_bytes(text)
    except (ValueError, OverflowError):
        message = f"{_quoted(text)} is not a size"
        raise advised(message, 'Write a number with k, m or g, such as "512m" or "1.5g".') from None
    if size < SMALLEST_MEMORY_BYTES:
        message = f"{_quoted(text)} is {format_bytes(size)}, less than any container can run in"
        raise advised(message, f'Write at least "{SMALLEST_MEMORY_BYTES // 1024**2}m".')
    if size >= 2**60:
        raise advised(f"{_quoted(text)} is more than any machine has", 'Write a size such as "2g".')
    return text


def _matching(pattern: re.Pattern[str], what: str, remedy: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise advised(f"{_quoted(text)} is not {what}", remedy)
        return text

    return AfterValidator(check)


def _cron(text: str) -> str:
    problem = cron_problem(text)
    if problem:
        raise advised(f"{_quoted(text)} {problem}", 'Write 5 fields, such as "30 6 * * 1-5".')
    return text


def _cron_or_seconds(value: int | str) -> int | str:
    return _cron(value) if isinstance(value, str) else value


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        remedy = 'Write an ISO 8601 date, such as "2027-01-31T06:30:00" or "2027-01-31T06:30:00+01:00".'
        raise advised(f"{_quoted(text)} is not a date", remedy) from None
    return text


def _zone(text: str) -> str:
    if not _ZONE.fullmatch(text) or not _is_known_zone(text):
        raise advised(f"{_quoted(text)} is not a time zone", 'Write a name such as "Europe/Berlin" or "UTC".')
    return text


def _is_known_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a name, the name of a folder of zones
        return False
    return True


def _variable_name(name: str) -> str:
    for problem in problems_of({name: ""}).values():
        raise advised(f"{_quoted(name)} {problem}", "Rename it.")
    return name


def _variable_value(value: str) -> str:
    for problem in problems_of({"ANY": value}).values():
        raise advised(f"it {problem}", "Hand larger values over as a file beside the script.")
    return value


def _ciphertext(text: str) -> str:
    # Never echoed: it may be the secret itself.
    if not _FERNET.fullmatch(text):
        remedy = "Encrypt the value with this installation's key; plain text belongs into `default_env`."
        raise advised("it is not encrypted", remedy)
    return _variable_value(text)


def _secret(name: str) -> str:
    if not is_variable_name(name) or name.startswith(RESERVED_PREFIX):
        remedy = f"Use letters, digits and _, not starting with a digit or with {RESERVED_PREFIX}."
        raise advised(f"{_quoted(name)} can't be the name of a secret", remedy)
    return name


def _pipeline(name: str) -> str:
    if not is_pipeline_name(name):
        raise advised(f"{_quoted(name)} is not a pipeline's name", "Write the name of its folder.")
    return name


def _not_blank(text: str) -> str:
    if not text.strip():
        raise advised("it is blank", "Write a word, or remove it.")
    return text


def _webhook_key(text: str) -> str:
    # Never echoed: who knows it can start the pipeline.
    if not _KEY.fullmatch(text):
        raise advised("it is not a key", "Use 8 to 128 letters, digits, _ and -; 32 random ones are best.")
    return text


Cores = Annotated[float, Field(gt=0, le=4096, allow_inf_nan=False)]
Size = Annotated[
    str,
    AfterValidator(_size),
    WithJsonSchema({"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*[kmgtKMGT]?[iI]?[bB]?\s*$"}),
]
Timeout = Annotated[int, Field(ge=0, le=LONGEST_SECONDS)]
Interval = Annotated[int, Field(ge=1, le=LONGEST_SECONDS)]
Retries = Annotated[int, Field(ge=0, le=100)]
DelaySeconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False)]
Tag = Annotated[str, Field(max_length=64), AfterValidator(_not_blank)]
Tags = Annotated[list[Tag], Field(max_length=50)]
VariableName = Annotated[str, AfterValidator(_variable_name)]
VariableValue = Annotated[str, AfterValidator(_variable_value)]
Variables = Annotated[dict[VariableName, VariableValue], Field(max_length=MAX_VARIABLES)]
Ciphertext = Annotated[str, AfterValidator(_ciphertext)]
Ciphertexts = Annotated[dict[VariableName, Ciphertext], Field(max_length=MAX_VARIABLES)]
SecretName = Annotated[str, AfterValidator(_secret)]
PipelineName = Annotated[str, AfterValidator(_pipeline)]
PythonVersion = Annotated[
    str,
    _matching(_PYTHON, "a version of Python", 'Write "3.12", or "3.12.4" for one exact version.'),
    WithJsonSchema({"type": "string", "pattern": f"^{_PYTHON.pattern}$"}),
]
WebhookKey = Annotated[
    str,
    AfterValidator(_webhook_key),
    WithJsonSchema({"type": "string", "pattern": f"^{_KEY.pattern}$"}),
]
ScheduleId = Annotated[
    str,
    _matching(_IDENTIFIER, "an id", "Use up to 64 letters, digits, _, . and -, starting with a letter."),
    WithJsonSchema({"type": "string", "pattern": f"^{_IDENTIFIER.pattern}$"}),
]
Cron = Annotated[str, AfterValidator(_cron)]
CronOrInterval = Annotated[Interval | str, AfterValidator(_cron_or_seconds)]
Moment = Annotated[str, AfterValidator(_moment)]
ZoneName = Annotated[str, AfterValidator(_zone)]
