"""Writes what a sync changed, or would change."""

from collections.abc import Iterator
from typing import NamedTuple

from fastflow.cli.output import emit, emit_styled, printable
from fastflow.cli.wire_git import ChangesAnswer, PlanAnswer, SyncAnswer

_SHORT = 12
"""Digits of a commit that people are shown."""


class _Names(NamedTuple):
    """Pipelines to which the same happens."""

    kind: str
    names: list[str]
    sign: str
    style: str


def short(commit: str | None) -> str:
    """Return a commit as people are shown it; `-` for none."""
    return commit[:_SHORT] if commit else "-"


def emit_sync(sync: SyncAnswer) -> None:
    """Print what a sync that has not failed did, or that it has begun."""
    message = sync["message"] or f"sync {sync['id']} has begun"
    emit(printable(f"{sync['repository']}: {message}"))
    if sync["changes"] is not None:
        emit_changes(sync["changes"])


def emit_plan(plan: PlanAnswer) -> None:
    """Print what a sync would change."""
    commit = plan["commit"]
    way = f"{short(plan['commit_before'])} → {short(commit['id'])}"
    if plan["commit_before"] == commit["id"]:
        way = f"stays at {short(commit['id'])}"
    by = f" by {commit['author']}: {commit['subject']}" if commit["subject"] else ""
    emit(printable(f"{plan['repository']}: {way}{by}"))
    emit_changes(plan["changes"])
    if not any(plan["changes"]["counts"].values()):
        emit("  no pipeline would change")


def emit_changes(changes: ChangesAnswer) -> None:
    """Print one line for each thing that is different."""
    for kind, names, sign, style in (
        _Names("pipelines_added", changes["pipelines_added"], "+", "green"),
        _Names("pipelines_changed", changes["pipelines_changed"], "~", "yellow"),
        _Names("pipelines_removed", changes["pipelines_removed"], "-", "red"),
    ):
        for name in names:
            emit_styled(f"  {sign} {printable(name)}", style)
        _emit_rest(changes, kind, len(names), sign)
    for invalid in changes["pipelines_invalid"]:
        emit_styled(f"  ! {printable(invalid['name'])}: {printable(invalid['problem'])}", "red")
    _emit_rest(changes, "pipelines_invalid", len(changes["pipelines_invalid"]), "!")
    for line in _schedule_lines(changes):
        emit(printable(line))
    _emit_rest(changes, "schedules", len(changes["schedules"]), "schedules:")
    for line in _package_lines(changes):
        emit(printable(line))
    _emit_rest(changes, "packages", len(changes["packages"]), "packages:")


def _emit_rest(changes: ChangesAnswer, kind: str, shown: int, sign: str) -> None:
    """Say how many more there are than the server has kept."""
    more = changes["counts"].get(kind, shown) - shown
    if more > 0:
        emit(f"  {sign} … and {more:,} more")


def _schedule_lines(changes: ChangesAnswer) -> Iterator[str]:
    for schedule in changes["schedules"]:
        yield f"  schedule {schedule['pipeline_name']}/{schedule['key']} {schedule['change']}"


def _package_lines(changes: ChangesAnswer) -> Iterator[str]:
    for packages in changes["packages"]:
        parts = [f"+{line}" for line in packages["added"]] + [f"-{line}" for line in packages["removed"]]
        yield f"  packages of {packages['pipeline_name']}: {'  '.join(parts)}"
