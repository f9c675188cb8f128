"""Decides which environment variables a run sees, and where its private files lie."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from pydantic import JsonValue

from fastflow.domain.cause import Cause, WebhookCause
from fastflow.domain.execution import AttemptIdentity
from fastflow.domain.run import Trigger

PARAMETERS_FILE: Final = "parameters.json"
"""The run's parameters as one JSON object. Names here are relative to the attempt's directory."""
ROUTE_FILE: Final = "route"
"""What a run writes here decides which `on_route` follows. Absent until it does."""
PAYLOAD_FILE: Final = "payload"
"""The body that came with a webhook delivery, byte for byte. Absent where none came."""
OUTPUT_DIRECTORY: Final = "output"
STATE_DIRECTORY: Final = "state"

LONGEST_VARIABLE_BYTES: Final = 64 * 1024
"""Linux refuses to start a program with one variable over 128 KiB (MAX_ARG_STRLEN, execve(2))."""
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Z0-9]")


def run_variables(
    *,
    identity: AttemptIdentity,
    trigger: Trigger,
    revision: str,
    parameters: Mapping[str, JsonValue],
    variables: Mapping[str, str],
    directory: PurePosixPath,
    cause: Cause | None = None,
) -> dict[str, str]:
    """Return the variables of one attempt, the same for every executor and for a local run.

    `variables` are already merged (manifest defaults, then the run's own, then secrets). Over them stand
    the `PARAM_<NAME>` variables, and over those ours: `FASTFLOW_RUN_ID` and the like mean the same in every
    run, whatever anybody set. Output is unbuffered, so that it can be watched, unless `variables` say so
    otherwise. `directory` is the attempt's private directory as the program sees it.
    """
    return {
        "PYTHONUNBUFFERED": "1",
        **variables,
        **_parameter_variables(parameters),
        "FASTFLOW_RUN_ID": identity.run_id,
        "FASTFLOW_PIPELINE": identity.pipeline,
        "FASTFLOW_ATTEMPT": str(identity.attempt),
        "FASTFLOW_TRIGGER": trigger.value,
        "FASTFLOW_REVISION": revision,
        "FASTFLOW_PARAMETERS_FILE": str(directory / PARAMETERS_FILE),
        "FASTFLOW_ROUTE_FILE": str(directory / ROUTE_FILE),
        "FASTFLOW_OUTPUT_DIR": str(directory / OUTPUT_DIRECTORY),
        "FASTFLOW_STATE_DIR": str(directory / STATE_DIRECTORY),
        **_cause_variables(cause, directory),
    }


def _cause_variables(cause: Cause | None, directory: PurePosixPath) -> dict[str, str]:
    if cause is None:
        return {}
    has_payload = isinstance(cause, WebhookCause) and cause.has_payload
    payload = {"FASTFLOW_PAYLOAD_FILE": str(directory / PAYLOAD_FILE)} if has_payload else {}
    return {**cause.variables(), **payload}


def parameter_variable_name(parameter: str) -> str:
    """Return the variable that carries a parameter: `batch-size` becomes `PARAM_BATCH_SIZE`."""
    return "PARAM_" + _NOT_IN_A_NAME.sub("_", parameter.upper())


def _parameter_variables(parameters: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return text as it is, everything else as JSON.

    A value that no environment can carry (too long, or with a NUL) is left to the parameters file. Of two
    names that become one variable, the later in the mapping wins.
    """
    written = {
        parameter_variable_name(name): value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    return {name: text for name, text in written.items() if _fits_in_environment(text)}


def _fits_in_environment(text: str) -> bool:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # a lone surrogate: legal in JSON, but no text
        return False
    return len(encoded) <= LONGEST_VARIABLE_BYTES and b"\0" not in encoded
