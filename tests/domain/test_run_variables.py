"""What a run finds in its environment."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fastflow.domain.execution import AttemptIdentity
from fastflow.domain.run import Trigger
from fastflow.domain.run_variables import LONGEST_VARIABLE_BYTES, run_variables

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


def variables_of(
    parameters: Mapping[str, JsonValue] | None = None, variables: Mapping[str, str] | None = None
) -> dict[str, str]:
    return run_variables(
        identity=AttemptIdentity("run-1", 2, "report", "token"),
        trigger=Trigger.WEBHOOK,
        revision="abc123",
        parameters=parameters or {},
        variables=variables or {},
        directory=PurePosixPath("/fastflow/run"),
    )


def test_a_run_learns_who_it_is_and_where_its_files_are() -> None:
    assert variables_of() == {
        "PYTHONUNBUFFERED": "1",
        "FASTFLOW_RUN_ID": "run-1",
        "FASTFLOW_PIPELINE": "report",
        "FASTFLOW_ATTEMPT": "2",
        "FASTFLOW_TRIGGER": "webhook",
        "FASTFLOW_REVISION": "abc123",
        "FASTFLOW_PARAMETERS_FILE": "/fastflow/run/parameters.json",
        "FASTFLOW_ROUTE_FILE": "/fastflow/run/route",
        "FASTFLOW_OUTPUT_DIR": "/fastflow/run/output",
        "FASTFLOW_STATE_DIR": "/fastflow/run/state",
    }


@pytest.mark.parametrize(
    ("name", "value", "variable", "text"),
    [
        ("city", "Köln", "PARAM_CITY", "Köln"),
        ("batch-size", 5, "PARAM_BATCH_SIZE", "5"),
        ("dry.run", True, "PARAM_DRY_RUN", "true"),
        ("since", None, "PARAM_SINCE", "null"),
        ("ratio", 0.5, "PARAM_RATIO", "0.5"),
        ("tags", ["a", "b"], "PARAM_TAGS", '["a", "b"]'),
        ("größe", "x", "PARAM_GR_SSE", "x"),
        ("empty", "", "PARAM_EMPTY", ""),
    ],
)
def test_each_parameter_is_a_variable_too(name: str, value: JsonValue, variable: str, text: str) -> None:
    assert variables_of({name: value})[variable] == text


def test_text_stays_text_even_where_it_looks_like_json() -> None:
    assert variables_of({"quoted": '"x"'})["PARAM_QUOTED"] == '"x"'


def test_parameters_win_over_variables_and_ours_over_both() -> None:
    seen = variables_of(
        {"city": "Rome"},
        {"PARAM_CITY": "Paris", "FASTFLOW_RUN_ID": "forged", "COLOUR": "red", "PARAM_FREE": "1"},
    )
    assert seen["PARAM_CITY"] == "Rome"
    assert seen["FASTFLOW_RUN_ID"] == "run-1"
    assert seen["COLOUR"] == "red"
    assert seen["PARAM_FREE"] == "1"


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * (LONGEST_VARIABLE_BYTES + 1)])
def test_what_no_environment_can_carry_is_left_to_the_parameters_file(value: str) -> None:
    assert "PARAM_BIG" not in variables_of({"big": value})


@given(st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=5))
def test_whatever_the_parameters_are_a_program_can_be_started_with_them(
    parameters: dict[str, JsonValue],
) -> None:
    for name, value in variables_of(parameters).items():
        assert name.isascii()
        assert "=" not in name
        assert "\0" not in value
        value.encode()


def test_the_longest_value_reaches_a_program() -> None:
    variables = variables_of({"big": "x" * LONGEST_VARIABLE_BYTES})
    print_length = "import os; print(len(os.environ['PARAM_BIG']))"
    done = subprocess.run(
        [sys.executable, "-c", print_length], env=variables, capture_output=True, check=True
    )
    assert int(done.stdout) == LONGEST_VARIABLE_BYTES
