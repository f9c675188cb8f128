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
