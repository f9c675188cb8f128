"""What a manifest may say, and how a wrong one is reported."""

import json
from pathlib import Path
from typing import Any

import pytest

import fastflow.domain.manifest as manifest_package
from fastflow.domain.manifest import (
    CatchUp,
    Manifest,
    ManifestResult,
    Overlap,
    Problem,
    Severity,
    has_only_manifest_fields,
    manifest_schema,
    parse_manifest,
)
from fastflow.domain.manifest.cron import cron_problem
from fastflow.domain.manifest.schema import schema_file
from fastflow.domain.retry import CustomSchedule, ExponentialBackoff, FixedDelay

FERNET = "gAAAA" + "A" * 95
EVERY_FIELD: dict[str, Any] = {
    "$schema": "../pipeline.schema.json",
    "cpu_hard_limit": 1,
    "log_retention_runs": 500,
    "log_retention_days": 90,
    "mem_hard_limit": "1g",
    "cpu_soft_limit": 0.8,
    "mem_soft_limit": "800m",
    "timeout": 3600,
    "retry_attempts": 3,
    "retry_strategy": {"type": "custom_schedule", "delays": [1, 2.5]},
    "enabled": False,
    "description": "Prozessiert täglich Daten",
    "tags": ["daily", "Köln"],
    "default_env": {"LOG_LEVEL": "INFO"},
    "encrypted_env": {"API_KEY": FERNET},
    "secrets": ["DB_PASSWORD", {"key": "CERTIFICATE", "as": "file"}, {"key": "TOKEN"}],
    "python_version": "3.12",
    "type": "notebook",
    "cells": [{"retries": 2, "delay_seconds": 1.5}, {}],
    "schedule_cron": "*/15 6-18 * JAN,JUL 1-5",
    "schedule_start": "2027-01-01",
    "schedule_end": "2027-12-31T23:59:59Z",
    "timezone": "Europe/Berlin",
    "schedules": [
        {"id": "night", "schedule_cron": "0 3 * * *", "timeout": 60, "default_env": {"MODE": "full"}},
        {"id": "often", "schedule_interval_seconds": 300, "enabled": False},
        {"id": "once", "run_once_at": "2027-05-01T10:00:00+02:00", "retry_attempts": 0},
        {"id": "hook", "webhook_key": "k" * 32},
    ],
    "catch_up": "all",
    "catch_up_limit": 10,
    "network": "none",
    "overlap": "skip",
    "max_instances": 2,
    "webhook_key": "w" * 32,
    "downstream_triggers": [
        {"pipeline": "load", "on_success": True, "on_failure": False, "on_route": ["big", "small"]},
        {"pipeline": "alarm", "on_route": "broken", "run_config_id": "night"},
    ],
    "restart_on_crash": True,
    "restart_cooldown": 60,
    "restart_interval": "0 3 * * *",
    "parameters": {"type": "object", "properties": {"count": {"type": "integer"}}},
    "notify": {"on": ["failure"], "email": ["ops@example.org"]},
}


def parse(value: object) -> ManifestResult:
    return parse_manifest("pipeline.json", json.dumps(value).encode())


def the_error(content: bytes) -> Problem:
    result = parse_manifest("pipeline.json", content)
    assert result.manifest is None
    (problem,) = result.errors
    return problem


def the_warning(value: object) -> Problem:
    result = parse(value)
    assert result.manifest is not None
    (problem,) = result.problems
    assert problem.severity is Severity.WARNING
    return problem


def test_every_published_field_is_accepted_and_kept() -> None:
    result = parse(EVERY_FIELD)

    assert result.problems == ()
    assert result.manifest is not None
    kept = result.manifest.model_dump(mode="json", exclude_unset=True)
    assert kept == {name: value for name, value in EVERY_FIELD.items() if name != "$schema"}
    assert EVERY_FIELD.keys() - {"$schema"} == Manifest.model_fields.keys() - {
        "schedule_interval_seconds",
        "run_once_at",
    }


def test_a_stored_manifest_can_be_read_again() -> None:
    manifest = parse(EVERY_FIELD).manifest
    assert manifest is not None

    assert Manifest.model_validate(manifest.model_dump(mode="json", exclude_unset=True)) == manifest


def test_an_empty_manifest_has_the_defaults() -> None:
    result = parse({})

    assert result == ManifestResult(Manifest(), (), result.document)
    assert Manifest().enabled
    assert Manifest().overlap is Overlap.QUEUE
    assert Manifest().catch_up is CatchUp.LAST
    assert Manifest().timeout is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"type": "exponential_backoff"}, ExponentialBackoff()),
        (
            {"type": "exponential_backoff", "initial_delay": 1, "max_delay": 10, "multiplier": 3},
            ExponentialBackoff(initial_delay=1, max_delay=10, multiplier=3),
        ),
        ({"type": "fixed_delay", "delay": 7}, FixedDelay(delay=7)),
        ({"type": "custom_schedule", "delays": [1, 60]}, CustomSchedule(delays=[1, 60])),
    ],
)
def test_the_three_retry_strategies_are_read(written: object, read: object) -> None:
    manifest = parse({"retry_strategy": written}).manifest

    assert manifest is not None
    assert manifest.retry_strategy == read


def test_a_byte_order_mark_is_no_trouble() -> None:
    result = parse_manifest("pipeline.json", b'\xef\xbb\xbf{"timeout": 5}')

    assert result.manifest == Manifest(timeout=5)


def test_null_means_left_out() -> None:
    assert parse({"timeout": None, "retry_strategy": None}).problems == ()


def test_a_problem_says_where_it_is_and_what_to_write() -> None:
    problem = the_error(b'{\n  "description": "\xc3\xa4",\n  "mem_hard_limit": "512 mb x"\n}')

    assert (problem.line, problem.column, problem.field) == (3, 21, "mem_hard_limit")
    assert str(problem) == (
        "pipeline.json:3:21: mem_hard_limit: '512 mb x' is not a size. "
        'Write a number with k, m or g, such as "512m" or "1.5g".'
    )


def test_a_nested_problem_is_named_by_its_whole_path() -> None:
    content = (
        b'{"schedules": [{"id": "a", "run_once_at": "2027-01-01"},\n {"id": "b", "schedule_cron": "x"}]}'
    )

    problem = the_error(content)

    assert (problem.line, problem.column, problem.field) == (2, 31, "schedules[1].schedule_cron")


def test_a_problem_within_a_retry_strategy_is_named_as_it_is_written() -> None:
    problem = the_error(b'{"retry_strategy": {"type": "fixed_delay", "delay": "5"}}')

    assert problem.field == "retry_strategy.delay"


def test_an_unquoted_python_version_gets_the_right_advice() -> None:
    problem = the_error(b'{"python_version": 3.10}')

    assert problem.remedy == "Put it in quotes: 3.10 without them is 3.1."


def test_all_problems_are_listed_at_once_errors_first() -> None:
    result = parse({"timout": 5, "timeout": "5", "enabled": "yes"})

    assert [problem.field for problem in result.problems] == ["timeout", "enabled", "timout"]


def test_problems_beyond_a_hundred_are_only_counted() -> None:
    result = parse({f"unknown_{number}": 1 for number in range(5000)})

    assert len(result.problems) == 100
    assert result.problems[-1].message == "4901 more problems from here on"


@pytest.mark.parametrize(
    ("value", "field", "remedy"),
    [
        ({"timout": 5}, "timout", "Did you mean 'timeout'?"),
        ({"Timeout": 5}, "Timeout", "Did you mean 'timeout'?"),
        ({"zzz": 5}, "zzz", "Remove it, or check its spelling."),
        (
            {"retry_strategy": {"type": "fixed_delay", "dealy": 1}},
            "retry_strategy.dealy",
            "Did you mean 'delay'?",
        ),
        (
            {"schedules": [{"id": "a", "schedule_cron": "* * * * *", "enabeld": True}]},
            "schedules[0].enabeld",
            "Did you mean 'enabled'?",
        ),
        ({"secrets": [{"key": "A", "As": "file"}]}, "secrets[0].As", "Did you mean 'as'?"),
        ({"type": "notebook", "cells": [{"retry": 1}]}, "cells[0].retry", "Did you mean 'retries'?"),
        (
            {"downstream_triggers": [{"pipeline": "a", "on_sucess": True}]},
            "downstream_triggers[0].on_sucess",
            "Did you mean 'on_success'?",
        ),
    ],
)
def test_an_unknown_field_is_a_warning_with_a_guess(value: object, field: str, remedy: str) -> None:
    problem = the_warning(value)

    assert (problem.field, problem.remedy) == (field, remedy)


def test_the_schedule_at_the_top_has_an_id_that_no_other_may_take() -> None:
    other = {"id": "default", "schedule_cron": "0 3 * * *"}
    (problem,) = parse({"schedule_interval_seconds": 60, "schedules": [other]}).errors

    assert (problem.field, problem.message) == (
        "schedules[0].id",
        "'default' is the id of the schedule at the top",
    )
    assert parse({"schedules": [other]}).problems == ()


def test_free_form_objects_have_no_unknown_fields() -> None:
    value = {"parameters": {"x-form": 1}, "notify": {"anything": 1}, "default_env": {"ANY": "x"}}

    assert parse(value).problems == ()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"mem_hard_limit": "100m", "mem_soft_limit": "1g"}, "mem_soft_limit"),
        ({"cpu_hard_limit": 1, "cpu_soft_limit": 2}, "cpu_soft_limit"),
        ({"cells": [{"retries": 1}]}, "cells"),
        ({"catch_up_limit": 3}, "catch_up_limit"),
        ({"webhook_key": "short-key"}, "webhook_key"),
        ({"default_env": {"A_FILE": "x"}, "secrets": [{"key": "A", "as": "file"}]}, "default_env.A_FILE"),
        (
            {"encrypted_env": {"A_FILE": FERNET}, "secrets": [{"key": "A", "as": "file"}]},
            "encrypted_env.A_FILE",
        ),
        ({"default_env": {"A": "x"}, "encrypted_env": {"A": FERNET}}, "default_env.A"),
        ({"downstream_triggers": [{"pipeline": "a", "on_success": False}]}, "downstream_triggers[0]"),
        ({"downstream_triggers": [{"pipeline": "a", "on_route": [""]}]}, "downstream_triggers[0].on_route"),
        (
            {"downstream_triggers": [{"pipeline": "a", "on_route": "big\n"}]},
            "downstream_triggers[0].on_route",
        ),
        (
            {"downstream_triggers": [{"pipeline": "a", "on_route": "x" * 257}]},
            "downstream_triggers[0].on_route",
        ),
    ],
)
def test_what_has_no_effect_is_a_warning(value: object, field: str) -> None:
    assert the_warning(value).field == field


@pytest.mark.parametrize(
    "value",
    [
        {"default_env": {"PASSWORD": 1234567}},
        {"encrypted_env": {"PASSWORD": "1234567"}},
        {"webhook_key": "1234567"},
        {"notify": "1234567"},
        {"default_env": "1234567"},
    ],
)
def test_what_may_be_secret_is_not_repeated(value: object) -> None:
    result = parse(value)

    assert result.errors
    assert not any("1234567" in str(problem) for problem in result.problems)


@pytest.mark.parametrize(
    "expression",
    ["* * * * *", "0 0 1 1 0", "59 23 31 12 7", "*/5 * * * *", "0 9-17/2 * * MON-FRI", "0 0 L * *",
     "0 0 * * 5#2", "0 0 * * 5L", "0,30 * 1,15 jan-mar sun"],
)  # fmt: skip
def test_cron_expressions_are_accepted(expression: str) -> None:
    assert cron_problem(expression) is None


@pytest.mark.parametrize(
    "expression",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *",
     "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "@daily", "* * * FOO *", "1, * * * *",
     "*-5 * * * *", "²  * * * *", "-1 * * * *", "0 0 * * 9#2", "0 0 * * 5#6", "0 0 L-3 * *"],
)  # fmt: skip
def test_what_is_not_cron_is_refused(expression: str) -> None:
    assert cron_problem(expression) is not None


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b'{"timeout": 5}', True),
        (b'{"timeout": "wrong", "tags": 1}', True),
        (b'{"$schema": "x", "timeout": 5}', True),
        (b"{}", False),
        (b'{"$schema": "x"}', False),
        (b'{"timeout": 5, "name": "x"}', False),
        (b"[1]", False),
        (b'{"timeout": 5', False),
    ],
)
def test_other_json_files_are_told_from_manifests(content: bytes, is_one: bool) -> None:
    assert has_only_manifest_fields(content) is is_one


def test_the_shipped_schema_is_in_step_with_the_models() -> None:
    shipped = Path(manifest_package.__file__).with_name("pipeline.schema.json")

    assert shipped.read_text(encoding="utf-8") == schema_file()


def test_the_schema_describes_every_field() -> None:
    schema: Any = manifest_schema()
    objects = [schema, *(part for part in schema["$defs"].values() if "properties" in part)]
    undescribed = [
        name
        for part in objects
        for name, field in part["properties"].items()
        if "description" not in field and part.get("title") is None and name not in _STRATEGY_FIELDS
    ]

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {*Manifest.model_fields, "$schema"}
    assert undescribed == []


_STRATEGY_FIELDS = {"type", "initial_delay", "max_delay", "multiplier", "delay", "delays"}
"""Theirs are in the description of the strategy as a whole."""


@pytest.mark.parametrize("file", sorted(Path("examples/pipelines").glob("*/pipeline.json")), ids=str)
def test_the_examples_have_no_problems(file: Path) -> None:
    assert parse_manifest("pipeline.json", file.read_bytes()).problems == ()
