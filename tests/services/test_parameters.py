"""What a trigger may hand over, as the pipeline's own schema says."""

import json
from pathlib import Path
from typing import Any

import pytest

from fastflow.domain.errors import Invalid
from fastflow.domain.manifest import Severity
from fastflow.domain.ports import FoundPipeline
from fastflow.services.manifests import read_manifest
from fastflow.services.parameters import check_parameter_schema, validate_parameters

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
        "city": {"type": "string", "pattern": "^[A-Z]", "maxLength": 10},
        "mode": {"enum": ["fast", "full"], "default": "fast"},
        "day": {"type": "string", "format": "date"},
        "window": {"type": "object", "properties": {"hours": {"type": "number", "default": 24}}},
        "ids": {"type": "array", "items": {"$ref": "#/$defs/id"}},
    },
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"id": {"type": "integer"}},
}


def refusal(schema: dict[str, Any], values: dict[str, Any]) -> dict[str, object]:
    with pytest.raises(Invalid) as refused:
        validate_parameters(schema, values)
    assert refused.value.code == "parameters_invalid"
    return refused.value.fields


def paths_of(schema: dict[str, Any]) -> list[tuple[str | int, ...]]:
    return [problem.path for problem in check_parameter_schema(schema)]


def test_what_is_left_out_gets_its_default() -> None:
    given: dict[str, Any] = {"city": "Ulm", "window": {}}

    filled = validate_parameters(SCHEMA, given)

    assert filled == {"city": "Ulm", "window": {"hours": 24}, "count": 3, "mode": "fast"}
    assert given == {"city": "Ulm", "window": {}}


def test_a_default_is_not_shared_between_runs() -> None:
    schema: dict[str, Any] = {"properties": {"list": {"default": [1]}}}

    first = validate_parameters(schema, {})["list"]
    assert isinstance(first, list)
    first.append(2)

    assert validate_parameters(schema, {}) == {"list": [1]}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"city": "Ulm", "count": "x"}, {"parameters.count": 'must be integer, got "x"'}),
        ({"city": "Ulm", "count": 0}, {"parameters.count": "must be at least 1, got 0"}),
        ({"city": "Ulm", "count": True}, {"parameters.count": "must be integer, got true"}),
        ({}, {"parameters.city": "is required"}),
        ({"city": "ulm"}, {"parameters.city": 'must match "^[A-Z]", got "ulm"'}),
        ({"city": "Ulm", "mode": "x"}, {"parameters.mode": 'must be one of ["fast", "full"], got "x"'}),
        ({"city": "Ulm", "day": "31.1."}, {"parameters.day": 'must be a valid date, got "31.1."'}),
        ({"city": "Ulm", "ids": [1, "b"]}, {"parameters.ids[1]": 'must be integer, got "b"'}),
        ({"city": "Ulm", "window": {"hours": None}}, {"parameters.window.hours": "must be number, got null"}),
        (
            {"city": "Ulm", "town": 1},
            {"parameters.town": "is not a parameter; there are count, city, mode, day, window, ids"},
        ),
    ],
)
def test_each_culprit_is_named_with_what_was_expected(values: dict[str, Any], fields: dict[str, str]) -> None:
    assert refusal(SCHEMA, values) == fields


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "array"}, ("type",)),
        ({"type": "objekt"}, ("type",)),
        ({"properties": {"a": {"type": "int"}}}, ("properties", "a", "type")),
        ({"properties": {"a": 5}}, ("properties", "a")),
        ({"required": "a"}, ("required",)),
        ({"properties": {"a": {"pattern": "("}}}, ("properties", "a", "pattern")),
        ({"properties": {"a": {"pattern": "(?=a)"}}}, ("properties", "a", "pattern")),
        ({"properties": {"a": {"$ref": "http://127.0.0.1:1/x"}}}, ("properties", "a", "$ref")),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, ("properties", "a", "$ref")),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, ("properties", "a", "$ref")),
        ({"allOf": [{"$ref": "#/title"}], "title": "x"}, ("allOf", 0, "$ref")),
        ({"items": {"$dynamicRef": "#x"}}, ("items", "$dynamicRef")),
        ({"$id": "http://example.org/x"}, ("$id",)),
        ({"patternProperties": {"^a": {}}}, ("patternProperties",)),
    ],
)
def test_a_wrong_schema_is_found_at_its_place(schema: dict[str, Any], path: tuple[str | int, ...]) -> None:
    assert paths_of(schema) == [path]
    assert list(refusal(schema, {})) == ["parameters"]


def test_a_schema_that_may_be_right_has_no_problems() -> None:
    assert paths_of(SCHEMA) == []
    assert paths_of({}) == []


def test_a_recursive_schema_is_fine_as_long_as_it_ends() -> None:
    tree: dict[str, Any] = {
        "properties": {"tree": {"$ref": "#/$defs/node"}},
        "$defs": {"node": {"properties": {"left": {"$ref": "#/$defs/node"}}, "required": ["value"]}},
    }

    assert validate_parameters(tree, {"tree": {"value": 1}}) == {"tree": {"value": 1}}
    assert list(refusal(tree, {"tree": {"value": 1, "left": {}}})) == ["parameters.tree.left.value"]


def test_a_schema_that_never_ends_is_given_up() -> None:
    doubling = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    endless = {"$ref": "#/$defs/d0", "$defs": {**doubling, "d40": {}}}

    for schema in ({"$ref": "#"}, endless):
        assert paths_of(schema) == []
        assert "never comes to an end" in str(refusal(schema, {})["parameters"])


def test_a_hostile_pattern_takes_linear_time() -> None:
    schema: dict[str, Any] = {"properties": {"a": {"pattern": "^(a+)+$"}}}

    assert list(refusal(schema, {"a": "a" * 100_000 + "b"})) == ["parameters.a"]


def found(manifest: object, problem: str | None = None) -> FoundPipeline:
    text = json.dumps(manifest, indent=1).encode()
    return FoundPipeline("report", Path("report"), "content-0", "report.json", text, problem)


def test_a_problem_in_the_schema_is_located_in_the_manifest() -> None:
    result = read_manifest(found({"parameters": {"properties": {"a": {"type": "int"}}}}))

    (problem,) = result.problems
    assert result.manifest is None
    assert (problem.file, problem.line, problem.column) == ("report.json", 5, 13)
    assert problem.field == "parameters.properties.a.type"


def test_warnings_stay_beside_a_problem_in_the_schema() -> None:
    result = read_manifest(found({"timout": 1, "parameters": {"type": "array"}}))

    assert [problem.severity for problem in result.problems] == [Severity.ERROR, Severity.WARNING]


def test_a_pipeline_without_a_manifest_has_the_default_one() -> None:
    result = read_manifest(FoundPipeline("report", Path("report"), "content-0"))

    assert result.manifest is not None
    assert result.manifest.enabled
    assert result.problems == ()


def test_what_can_not_be_run_at_all_has_that_as_its_problem() -> None:
    result = read_manifest(found({}, problem="main.py is a folder."))

    assert result.manifest is None
    assert [problem.message for problem in result.problems] == ["main.py is a folder."]
