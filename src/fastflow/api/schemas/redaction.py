"""Hides what a manifest holds and no reader of the API needs: the keys of its webhooks."""

from collections.abc import Mapping

from pydantic import JsonValue

HIDDEN = "•••"


def without_webhook_keys(manifest: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the manifest, or one schedule of it, with its webhook keys hidden."""
    shown = dict(manifest)
    if shown.get("webhook_key") is not None:
        shown["webhook_key"] = HIDDEN
    schedules = shown.get("schedules")
    if isinstance(schedules, list):
        shown["schedules"] = [
            without_webhook_keys(schedule) if isinstance(schedule, dict) else schedule
            for schedule in schedules
        ]
    return shown


def without_secrets(spec: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the spec of a run with its ciphertexts hidden; their names stay."""
    return _hidden(spec, "encrypted_variables")


def _hidden(holder: Mapping[str, JsonValue], field: str) -> dict[str, JsonValue]:
    shown = dict(holder)
    ciphertexts = shown.get(field)
    if isinstance(ciphertexts, dict):
        shown[field] = dict.fromkeys(ciphertexts, HIDDEN)
    return shown
