"""Whatever is in the file: no crash, and each error can be found and mended."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.manifest import Manifest, Severity, parse_manifest
from tests.domain.test_manifest import EVERY_FIELD

SYNTAX: list[bytes] = [
    b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b'"', b"'", b"{]", b"[}", b"{}{}", b"{} x",
    b"{},", b"{,}", b'{"a"}', b'{"a":}', b'{"a": 1,}', b'{"a": 1,, "b": 2}', b'{"a" 1}', b'{"a": 1 "b": 2}',
    b"{a: 1}", b"{'a': 1}", b'{"a": \'b\'}', b'{"a": [1,]}', b'{"a": [1 2]}', b'{"a": [1}', b'{"a": [',
    b'{"a": "x}', b'{"a": "x\ny"}', b'{"a": "x\ty"}', b'{"a": "\\x"}', b'{"a": "\\u12"}', b'{"a": "\\',
    b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b'{"\\u0000": 1}', b'{"a": NaN}', b'{"a": Infinity}',
    b'{"a": -Infinity}', b'{"a": True}', b'{"a": None}', b'{"a": undefined}', b'{"a": nul}', b'{"a": 01}',
    b'{"a": 1.}', b'{"a": .5}', b'{"a": +1}', b'{"a": 1e}', b'{"a": 0x10}', b'{"a": 1_000}', b'{"a": 1e999}',
    b'{"a": -1e999}', b'{"a": ' + b"9" * 5000 + b"}", b'{"a": ' + b"9" * 301 + b"}", b'{"a": - 1}',
    b"// no\n{}", b"# no\n{}", b"{} // no", b'{/* no */"a": 1}', b'{"a": 1 /* no */}', b"\xff\xfe{\x00}\x00",
    b"\xfe\xff\x00{\x00}", b"\xff", b'{"a": "\xe4"}', b'{"a": "\xed\xa0\x80"}', b'{\n\n "a": \xc3}', b"\x00",
    b"null x", b"timeout: 5", b"<xml/>", b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000,
    b'{"a": "' + b"x" * 1_100_000 + b'"}', b"\xc2\xa0{}", b'{"a": 1;}', b'{"a"= 1}', b'{"a": 1}}',
    b'{"a": (1)}', b'{"a": 12abc}', b'{"a": --1}', b"\xef\xbb\xbf\xef\xbb\xbf{}",
]  # fmt: skip
"""Files that are no JSON: there is a place, but no field."""

NOT_OBJECTS: list[bytes] = [b"[]", b"[{}]", b"null", b"true", b"1", b'"text"', b"1.5", b"[1, 2]"]

NESTED: list[tuple[str, Any]] = [
    ("timeout", -1), ("timeout", 1.5), ("timeout", "60"), ("timeout", True), ("timeout", 10**12),
    ("timeout", 10**200), ("timeout", []), ("cpu_hard_limit", 0), ("cpu_hard_limit", -1),
    ("cpu_hard_limit", "1"), ("cpu_hard_limit", True), ("cpu_hard_limit", 1e300), ("cpu_soft_limit", 0),
    ("cpu_hard_limit", {}), ("mem_hard_limit", 512), ("mem_hard_limit", ""), ("mem_hard_limit", "m"),
    ("mem_hard_limit", "0"), ("mem_hard_limit", "1k"), ("mem_hard_limit", "-1g"), ("mem_hard_limit", "1 x g"),
    ("mem_hard_limit", "9" * 400 + "g"), ("mem_hard_limit", "99999999t"), ("mem_hard_limit", "٣g"),
    ("mem_soft_limit", "half"), ("retry_attempts", -1), ("retry_attempts", 101), ("retry_attempts", 1.0),
    ("retry_attempts", "3"), ("retry_strategy", "fixed"), ("retry_strategy", []), ("retry_strategy", {}),
    ("retry_strategy", {"type": "linear"}), ("retry_strategy", {"type": 1}),
    ("retry_strategy", {"type": None}),
    ("retry_strategy", {"type": "fixed_delay", "delay": -1}),
    ("retry_strategy", {"type": "fixed_delay", "delay": "1"}),
    ("retry_strategy", {"type": "fixed_delay", "delay": None}),
    ("retry_strategy", {"type": "custom_schedule"}),
    ("retry_strategy", {"type": "custom_schedule", "delays": []}),
    ("retry_strategy", {"type": "custom_schedule", "delays": ["x"]}),
    ("retry_strategy", {"type": "custom_schedule", "delays": 5}),
    ("retry_strategy", {"type": "custom_schedule", "delays": [1] * 101}),
    ("retry_strategy", {"type": "exponential_backoff", "multiplier": 0.5}),
    ("retry_strategy", {"type": "exponential_backoff", "max_delay": 10**9}),
    ("enabled", "true"), ("enabled", 1), ("enabled", None), ("enabled", []), ("description", 5),
    ("description", ["x"]), ("description", "x" * 10_001), ("tags", "daily"), ("tags", [1]), ("tags", [None]),
    ("tags", [""]), ("tags", [" "]), ("tags", ["x" * 65]), ("tags", ["x"] * 51), ("tags", {"a": 1}),
    ("default_env", []), ("default_env", "A=1"), ("default_env", {"A": 1}), ("default_env", {"A": None}),
    ("default_env", {"A": True}), ("default_env", {"A": {}}), ("default_env", {"": "x"}),
    ("default_env", {"A-B": "x"}), ("default_env", {"1A": "x"}), ("default_env", {"A B": "x"}),
    ("default_env", {"Ä": "x"}), ("default_env", {"[key]": "x"}), ("default_env", {"FASTFLOW_RUN_ID": "x"}),
    ("default_env", {"A": "x" * 16_385}), ("default_env", {f"A{number}": "x" for number in range(51)}),
    ("encrypted_env", {"A": "plain"}), ("encrypted_env", {"A": ""}), ("encrypted_env", {"A": 1}),
    ("encrypted_env", {"A-": "gAAAA" + "A" * 95}), ("encrypted_env", ["A"]), ("secrets", "A"),
    ("secrets", {"A": "x"}), ("secrets", [1]), ("secrets", [""]), ("secrets", ["a b"]),
    ("secrets", ["A", "A"]),
    ("secrets", ["FASTFLOW_KEY"]), ("python_version", 3.12), ("python_version", 3), ("python_version", "3"),
    ("python_version", "2.7"), ("python_version", "3.12.x"), ("python_version", ">=3.12"),
    ("python_version", "latest"), ("python_version", ""), ("python_version", "3.7"),
    ("python_version", "../3.12"), ("type", "python"), ("type", 1), ("type", None), ("type", "Script"),
    ("cells", {}), ("cells", [1]), ("cells", [{"retries": -1}]), ("cells", [{"retries": "2"}]),
    ("cells", [{"delay_seconds": "1"}]), ("schedule_cron", ""), ("schedule_cron", "* * * *"),
    ("schedule_cron", "61 * * * *"), ("schedule_cron", "@hourly"), ("schedule_cron", 5),
    ("schedule_cron", "* " * 500), ("schedule_cron", ["0 0 * * *"]), ("schedule_interval_seconds", 0),
    ("schedule_interval_seconds", -5), ("schedule_interval_seconds", "60"),
    ("schedule_interval_seconds", 0.5),
    ("run_once_at", "tomorrow"), ("run_once_at", 1893456000), ("run_once_at", "2027-02-30"),
    ("run_once_at", "31.01.2027"), ("run_once_at", ""), ("schedule_start", "x"), ("schedule_end", True),
    ("timezone", "Berlin"), ("timezone", ""), ("timezone", "Europe"), ("timezone", "../../etc/passwd"),
    ("timezone", "/etc/passwd"), ("timezone", 1), ("timezone", "Europe/Berlin\n"),
    ("timezone", "posixrules/x"),
    ("schedules", {}), ("schedules", [1]), ("schedules", [None]), ("schedules", [{}]),
    ("schedules", [{"id": "a"}]), ("schedules", [{"schedule_cron": "0 0 * * *"}]),
    ("schedules", [{"id": "", "schedule_cron": "0 0 * * *"}]),
    ("schedules", [{"id": 1, "schedule_cron": "0 0 * * *"}]),
    ("schedules", [{"id": "a/b", "schedule_cron": "0 0 * * *"}]),
    ("schedules", [{"id": "a", "schedule_cron": "0 0 * * *", "run_once_at": "2027-01-01"}]),
    ("schedules", [{"id": "a", "run_once_at": "2027-01-01"}, {"id": "a", "run_once_at": "2028-01-01"}]),
    ("schedules", [{"id": "a", "schedule_cron": "0 0 * * *", "timeout": "x"}]),
    ("schedules", [{"id": "a", "schedule_cron": "0 0 * * *", "mem_hard_limit": "x"}]),
    ("schedules", [{"id": "a", "schedule_cron": "0 0 * * *", "retry_strategy": {"type": "x"}}]),
    ("schedules", [{"id": "a", "schedule_cron": "0 0 * * *", "default_env": {"A": 1}}]),
    ("schedules", [{"id": "a", "schedule_cron": "0 0 * * *", "schedule_start": "2027-01-02",
                    "schedule_end": "2027-01-01"}]),
    ("schedules", [{"id": f"s{number}", "schedule_cron": "0 0 * * *"} for number in range(101)]),
    ("catch_up", "some"), ("catch_up", True), ("catch_up", None), ("catch_up_limit", 0),
    ("catch_up_limit", "all"), ("catch_up_limit", 1001), ("overlap", "wait"), ("overlap", ""),
    ("overlap", ["queue"]), ("max_instances", 0), ("max_instances", -1), ("max_instances", 1001),
    ("max_instances", "1"), ("max_instances", 1.5), ("webhook_key", "short"), ("webhook_key", "with space 1"),
    ("webhook_key", "x" * 129), ("webhook_key", 12345678), ("webhook_key", "schlüssel"),
    ("webhook_key", "a/../b/c"),
    ("downstream_triggers", "other"), ("downstream_triggers", ["other"]), ("downstream_triggers", [{}]),
    ("downstream_triggers", [{"pipeline": "../x"}]), ("downstream_triggers", [{"pipeline": ""}]),
    ("downstream_triggers", [{"pipeline": "a", "on_success": "yes"}]),
    ("downstream_triggers", [{"pipeline": "a", "on_route": 1}]),
    ("downstream_triggers", [{"pipeline": "a", "on_route": [1]}]),
    ("downstream_triggers", [{"pipeline": "a", "run_config_id": 1}]), ("restart_on_crash", "yes"),
    ("restart_cooldown", -1), ("restart_cooldown", "1m"), ("restart_interval", 0), ("restart_interval", "1h"),
    ("restart_interval", True), ("restart_interval", {}), ("parameters", []), ("parameters", "x"),
    ("parameters", True), ("notify", []), ("notify", "me@example.org"),
]  # fmt: skip


def test_there_are_more_than_two_hundred_of_them() -> None:
    assert len(SYNTAX) + len(NOT_OBJECTS) + len(NESTED) > 200


@pytest.mark.parametrize("content", SYNTAX, ids=lambda content: repr(content[:30]))
def test_what_is_no_json_has_one_error_with_its_place(content: bytes) -> None:
    result = parse_manifest("pipeline.json", content)

    (problem,) = result.problems
    assert result.manifest is None
    assert problem.severity is Severity.ERROR
    assert problem.line is not None
    assert problem.column is not None
    assert 1 <= problem.line <= content.count(b"\n") + 1
    assert problem.column >= 1
    assert problem.message
    assert problem.remedy


@pytest.mark.parametrize("content", NOT_OBJECTS, ids=repr)
def test_what_is_no_object_is_refused_as_a_whole(content: bytes) -> None:
    (problem,) = parse_manifest("pipeline.json", content).problems

    assert (problem.line, problem.column, problem.field) == (1, 1, None)
    assert "an object was expected" in problem.message


@pytest.mark.parametrize(("field", "value"), NESTED, ids=lambda value: repr(value)[:40])
def test_a_wrong_value_has_an_error_at_its_field(field: str, value: object) -> None:
    content = f'{{\n  "description": "x",\n  {json.dumps(field)}: {json.dumps(value)}\n}}'.encode()
    if field == "description":
        content = content.replace(b'"description": "x"', b'"enabled": true')

    result = parse_manifest("pipeline.json", content)

    assert result.manifest is None
    problem = result.errors[0]
    assert problem.file == "pipeline.json"
    assert problem.line == 3
    assert problem.column is not None
    assert problem.column > len(field) + 4
    assert problem.field is not None
    assert problem.field.startswith(field)
    assert problem.message
    assert problem.remedy
    assert "pydantic" not in str(problem)
    assert "Input should" not in problem.message


def test_a_field_given_twice_is_an_error_at_the_later_one() -> None:
    (problem,) = parse_manifest("pipeline.json", b'{"timeout": 1,\n "timeout": 2}').problems

    assert (problem.line, problem.column, problem.field) == (2, 2, "timeout")


def test_two_triggers_at_the_top_are_an_error() -> None:
    content = b'{"schedule_cron": "0 0 * * *",\n"run_once_at": "2027-01-01"}'

    (problem,) = parse_manifest("pipeline.json", content).problems

    assert (problem.line, problem.column, problem.field) == (2, 1, "run_once_at")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def assert_sound(content: bytes) -> None:
    result = parse_manifest("pipeline.json", content)

    assert (result.manifest is None) == bool(result.errors)
    lines = content.split(b"\n")
    for problem in result.problems:
        assert problem.message
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        str(problem).encode()
    if result.manifest is not None:
        stored = result.manifest.model_dump(mode="json", exclude_unset=True)
        assert Manifest.model_validate(stored) == result.manifest


@given(st.sampled_from(sorted(EVERY_FIELD)), JSON)
def test_any_value_in_any_field_is_read_or_refused_with_its_place(field: str, value: object) -> None:
    assert_sound(json.dumps({**EVERY_FIELD, field: value}, indent=1).encode())


@given(st.data())
def test_a_manifest_with_changed_bytes_is_read_or_refused_with_its_place(data: st.DataObject) -> None:
    content = bytearray(json.dumps(EVERY_FIELD, indent=1, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = start + data.draw(st.integers(0, 8))
        content[start:end] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"{", b'"', b",", b"\\", b"["])
        )
        if not content:
            break

    assert_sound(bytes(content))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_their_place(content: bytes) -> None:
    assert_sound(content)
