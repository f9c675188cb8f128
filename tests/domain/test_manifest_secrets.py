"""How a manifest says which secrets its runs receive, and in what way."""

import json
from pathlib import PurePosixPath

import pytest

from fastflow.domain.manifest import Manifest, ManifestResult, manifest_schema, parse_manifest
from fastflow.domain.secret_file import SecretFile, path_variables


def parse(secrets: object) -> ManifestResult:
    return parse_manifest("pipeline.json", json.dumps({"secrets": secrets}).encode())


def test_a_mere_key_is_a_variable_and_an_object_says_how() -> None:
    manifest = parse(["A", {"key": "B", "as": "file"}, {"key": "C", "as": "variable"}, {"key": "D"}]).manifest

    assert manifest is not None
    assert manifest.secret_variables == ["A", "C", "D"]
    assert manifest.secret_files == ["B"]


def test_a_stored_manifest_keeps_how_its_secrets_are_handed_over() -> None:
    manifest = parse(["A", {"key": "B", "as": "file"}]).manifest

    assert manifest is not None
    stored = manifest.model_dump(mode="json", exclude_unset=True)
    assert stored == {"secrets": ["A", {"key": "B", "as": "file"}]}
    assert Manifest.model_validate(stored) == manifest


@pytest.mark.parametrize(
    ("secrets", "field", "message"),
    [
        ([{"as": "file"}], "secrets[0].key", "it is missing"),
        (
            [{"key": "A", "as": "fifo"}],
            "secrets[0].as",
            "text is not one of the words that are possible here",
        ),
        ([{"key": "A b"}], "secrets[0].key", "'A b' can't be the name of a secret"),
        (["A", {"key": "FASTFLOW_X"}], "secrets[1].key", "'FASTFLOW_X' can't be the name of a secret"),
        (["A", {"key": "A", "as": "file"}], "secrets", "'A' is listed more than once"),
        ([7], "secrets[0]", "text was expected, not a number"),
        (
            ["A_FILE", {"key": "A", "as": "file"}],
            "secrets",
            "A_FILE would be two things: a secret, and the path of the file of A",
        ),
    ],
)
def test_what_can_not_be_is_one_error_at_its_place(secrets: object, field: str, message: str) -> None:
    [problem] = parse(secrets).problems

    assert (problem.field, problem.message) == (field, message)


def test_editors_know_both_ways_of_writing() -> None:
    schema = json.dumps(manifest_schema())

    assert '"enum": ["variable", "file"]' in schema


def test_the_path_is_in_a_variable_named_after_the_key() -> None:
    files = [SecretFile("A", "value"), SecretFile("B", "value")]

    assert path_variables(files, PurePosixPath("/secrets")) == {
        "A_FILE": "/secrets/A",
        "B_FILE": "/secrets/B",
    }
    assert "value" not in repr(files[0]).split("(", 1)[1]
