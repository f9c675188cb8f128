"""Sets aside the fields that a manifest does not have, and guesses which one was meant."""

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, JsonValue

from fastflow.domain.manifest.problems import Fault, JsonPath, Severity

SCHEMA_REFERENCE: Final = "$schema"
"""Editors find the JSON Schema by it; it says nothing about the pipeline."""


def without_unknown(
    value: JsonValue, model: type[BaseModel], faults: list[Fault], path: JsonPath = ()
) -> JsonValue:
    """Return the value with only the fields that `model` knows, at every level; warn about the others."""
    if not isinstance(value, dict):
        return value
    known = _annotations(model)
    kept: dict[str, JsonValue] = {}
    for name, member in value.items():
        if name in known:
            kept[name] = _pruned(member, known[name], faults, (*path, name))
        elif path or name != SCHEMA_REFERENCE:
            faults.append(_unknown((*path, name), name, known))
    return kept


def _pruned(value: JsonValue, annotation: object, faults: list[Fault], path: JsonPath) -> JsonValue:
    models = tuple(_models_in(annotation))
    if isinstance(value, dict):
        model = _model_for(value, models)
        return without_unknown(value, model, faults, path) if model else value
    if isinstance(value, list) and models:
        return [_pruned(item, annotation, faults, (*path, index)) for index, item in enumerate(value)]
    return value


@cache
def _annotations(model: type[BaseModel]) -> dict[str, object]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for argument in get_args(annotation):
            yield from _models_in(argument)


def _model_for(value: Mapping[str, JsonValue], models: tuple[type[BaseModel], ...]) -> type[BaseModel] | None:
    """Choose by `type` where there are several; None where nobody can say which is meant."""
    if len(models) == 1:
        return models[0]
    for model in models:
        discriminator = model.model_fields.get("type")
        if discriminator is not None and discriminator.default == value.get("type"):
            return model
    return None


def _unknown(path: JsonPath, name: str, known: Mapping[str, Any]) -> Fault:
    close = difflib.get_close_matches(name[:80].lower(), known, n=1, cutoff=0.65)
    remedy = f"Did you mean {close[0]!r}?" if close else "Remove it, or check its spelling."
    return Fault(path, "there is no such field; it is ignored", remedy, Severity.WARNING, is_about_key=True)
