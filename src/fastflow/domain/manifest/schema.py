"""Describes the manifest as a JSON Schema, so that editors complete and check it.

The schema is shipped beside this file as `pipeline.schema.json`. A change of the models needs it anew:
`python -c "from fastflow.domain.manifest.schema import *; print(schema_file(), end='')" > FILE`.
"""

import json
from typing import Any, Final, cast

from pydantic import JsonValue

from fastflow.domain.manifest.models import Manifest
from fastflow.domain.manifest.unknown_fields import SCHEMA_REFERENCE

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final = {"type": "string", "description": "Where this schema is, for editors."}


def manifest_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of `pipeline.json`; unknown fields are allowed by it."""
    schema = cast("dict[str, Any]", _without_titles(Manifest.model_json_schema()))
    schema["properties"] = {SCHEMA_REFERENCE: _REFERENCE, **schema["properties"]}
    return {SCHEMA_REFERENCE: DIALECT, "title": "Fast-Flow pipeline manifest", **schema}


def schema_file() -> str:
    """Return what `pipeline.schema.json` has to contain."""
    return json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"


def _without_titles(value: object) -> object:
    """Drop the titles that pydantic makes up: they only repeat the name of the field."""
    if isinstance(value, list):
        return [_without_titles(item) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, object]", value)
    return {
        name: _without_titles(member)
        for name, member in members.items()
        if not (name == "title" and isinstance(member, str))
    }
