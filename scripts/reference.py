"""Writes docs/reference from the code, or checks that it has not drifted from it.

reference.py           write the pages
reference.py --check   fail if a page differs from what would be written
"""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, cast

import typer
from env_example import environment_file
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from fastflow.api.app import create_app
from fastflow.api.deps import Services
from fastflow.api.prometheus import OwnFigures
from fastflow.cli.app import app as console
from fastflow.domain.manifest import manifest_schema
from fastflow.domain.outcome import Outcome
from fastflow.domain.run import ATTEMPT_TRANSITIONS, TRANSITIONS, AttemptStatus, RunStatus
from fastflow.proxy_settings import ProxySettings
from fastflow.services.events import Events
from fastflow.services.figures import Figures
from fastflow.services.system import Load
from fastflow.settings import Settings

S = TypeVar("S", bound=StrEnum)

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
"""What the names of `PAGES` are relative to."""
NOTICE = "<!-- Written by `make reference`; change the code instead. -->"


def settings_page() -> str:
    """Return the page of settings: one row for each field of `Settings` and of `ProxySettings`."""
    rows = [
        f"| `{names[0]}`{_also(names[1:])} | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
        if (names := _environment_names(name, field))
    ]
    proxy_rows = [
        f"| `FASTFLOW_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in ProxySettings.model_fields.items()
    ]
    return "\n".join(
        [
            NOTICE,
            "# Settings",
            "",
            "Environment variables, read once when the server starts. A value that can't be right stops the",
            "start with a message that names the variable.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
            "## Of `fastflow docker-proxy`",
            "",
            "Read once when the proxy starts: "
            "[Put a proxy before Docker](../how-to/put-a-proxy-before-docker.md).",
            "It also reads the server's `DATA_DIR`, `UV_CACHE_DIR`, `RUNNER_IMAGE`, `FASTFLOW_RUN_NETWORK`",
            "and `FASTFLOW_CA_BUNDLE`, from which most of its defaults come.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *proxy_rows,
            "",
        ]
    )


def _environment_names(name: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return [choice for choice in choices if isinstance(choice, str) and choice != name]


def _also(names: list[str]) -> str:
    return "".join(f", `{name}`" for name in names)


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    return f"`{default}`" if default not in (None, "") else ""


def statuses_page() -> str:
    """Return the page of statuses and outcomes: what each means, and which may follow which."""
    return "\n".join(
        [
            NOTICE,
            "# Statuses and outcomes",
            "",
            "Tables and arrows are the ones the code runs by.",
            "",
            "## A run",
            "",
            *_diagram(TRANSITIONS),
            "",
            *_meanings(RunStatus),
            "",
            "## An attempt",
            "",
            *_diagram(ATTEMPT_TRANSITIONS),
            "",
            *_meanings(AttemptStatus),
            "",
            "## How an attempt ended",
            "",
            "| outcome | meaning |",
            "|---|---|",
            *(f"| `{outcome}` | {_OUTCOMES[outcome]} |" for outcome in Outcome),
            "",
        ]
    )


_OUTCOMES = {
    Outcome.EXITED: "The program ended by itself; exit code 0 is success.",
    Outcome.OUT_OF_MEMORY: "The kernel killed it at its memory limit; the reason names limit and peak.",
    Outcome.TIMED_OUT: "It was stopped after its time limit.",
    Outcome.CANCELLED: "Somebody, or the `replace` policy, ended it.",
    Outcome.ENVIRONMENT_FAILED: "Its requirements can't be met; the reason is uv's own message.",
    Outcome.SECRETS_UNAVAILABLE: "A secret that it lists does not exist, or can't be decrypted.",
    Outcome.MANIFEST_INVALID: "Its manifest can't be read; the reason says where and how to mend it.",
    Outcome.HOST_LOST: "Its container or process vanished with the host or the Engine.",
    Outcome.PLATFORM_ERROR: "We failed, not the pipeline.",
    Outcome.REJECTED: "The trigger's input was refused; nothing was started.",
    Outcome.NOT_STARTED: "A policy decided against starting it.",
}


def _diagram(transitions: Mapping[S, frozenset[S]]) -> list[str]:
    arrows = [
        f"    {source} --> {target}"
        for source, targets in transitions.items()
        for target in type(source)
        if target in targets
    ]
    ends = [f"    {source} --> [*]" for source, targets in transitions.items() if not targets]
    starts = [f"    [*] --> {source}" for source in transitions if not _is_reached(source, transitions)]
    return ["```mermaid", "stateDiagram-v2", *starts, *arrows, *ends, "```"]


def _is_reached(status: S, transitions: Mapping[S, frozenset[S]]) -> bool:
    """Tell whether it is entered from outside only; the first of its kind is a beginning in any case."""
    return status is not next(iter(transitions)) and any(
        status in targets for targets in transitions.values()
    )


def _meanings(statuses: type[StrEnum]) -> list[str]:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in _member_docstrings(statuses)]
    return ["| status | meaning |", "|---|---|", *rows]


def _member_docstrings(enumeration: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """Yield the members with the docstring that stands below each in the source."""
    (definition,) = ast.parse(inspect.getsource(enumeration)).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for statement, following in pairwise(body):
        match statement, following:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())
            case _:
                continue


def metrics_page() -> str:
    """Return the page of figures for Prometheus: every family that is ours."""
    nothing = Load({}, 0, 0)
    families = OwnFigures(nothing, {}, Figures(cast("Events", None)), "").collect()
    rows = [
        f"| `{family.name}{'_total' if family.type == 'counter' else ''}` | {family.type} "
        f"| {', '.join(f'`{name}`' for name in getattr(family, '_labelnames', ()))} "
        f"| {family.documentation} |"
        for family in families
    ]
    return "\n".join(
        [
            NOTICE,
            "# Metrics",
            "",
            "`GET /metrics` answers in Prometheus' text format. Where the server has accounts, the scraper",
            "sends an API token (`fastflow tokens add prometheus --role viewer`). Figures of the process and",
            "of Python are there beside these. `deploy/grafana-dashboard.json` draws them in Grafana 10.",
            "",
            "| name | type | labels | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def api_page() -> str:
    """Return the page of the HTTP API: one row for each operation of its OpenAPI description."""
    # Describing the routes needs no service behind them.
    paths = create_app(cast("Services", None)).openapi()["paths"]
    rows = [
        f"| `{method.upper()} {path}`{_inputs(operation)} | {_first_line(operation['description'])} | "
        f"{', '.join(operation['responses'])} |"
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
    return "\n".join(
        [
            NOTICE,
            "# HTTP API",
            "",
            "A running server describes it completely at `/api/openapi.json`.",
            "Errors are `application/problem+json` with a stable `code`. Lists are paged by `cursor`.",
            "",
            "| call | effect | answers |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _inputs(operation: Mapping[str, Any]) -> str:
    named = {"query": "?", "header": ""}
    inputs = [
        f"`{named[parameter['in']]}{parameter['name']}`"
        for parameter in operation.get("parameters", [])
        if parameter["in"] in named
    ]
    return f"<br>{' '.join(inputs)}" if inputs else ""


def _first_line(text: str) -> str:
    return text.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def console_page() -> str:
    """Return the page of the command line: every command's own help."""
    root = cast("Any", typer.main.get_command(console))
    pages = [("fastflow", root), *_commands("fastflow", root)]
    return "\n".join(
        [
            NOTICE,
            "# Command line",
            "",
            *(line for name, command in pages for line in _help(name, command)),
        ]
    )


def _commands(above: str, group: Any) -> Iterator[tuple[str, Any]]:
    """Yield the commands of a group, and below each group its own."""
    for name, command in group.commands.items():
        yield f"{above} {name}", command
        if hasattr(command, "commands"):
            yield from _commands(f"{above} {name}", command)


def _help(name: str, command: Any) -> list[str]:
    context = command.make_context(
        name, [], resilient_parsing=True, terminal_width=100, max_content_width=100
    )
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return [f"## {name}", "", "```text", text, "```", ""]


def manifest_page() -> str:
    """Return the page of the manifest: one row for each field of its JSON Schema."""
    rows = [
        f"| `{name}` | {_kind(field)} | {_preset(field)} | {_first_line(field.get('description', ''))} |"
        for name, field in cast("dict[str, dict[str, Any]]", manifest_schema()["properties"]).items()
    ]
    return "\n".join(
        [
            NOTICE,
            "# The manifest: `pipeline.json`",
            "",
            "Every field is optional. Its JSON Schema, for editors, lies at `/api/schemas/pipeline.json`.",
            "How a pipeline is laid out: [Write a pipeline](../how-to/write-a-pipeline.md).",
            "",
            "| field | type | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _kind(field: Mapping[str, Any]) -> str:
    for choice in ("anyOf", "oneOf"):
        if choice in field:
            kinds = (_kind(option) for option in field[choice])
            return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "null"))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "$ref" in field:
        return _kind(cast("dict[str, Any]", manifest_schema()["$defs"])[field["$ref"].rsplit("/", 1)[-1]])
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}"
    return str(field.get("type", "any"))


def _preset(field: Mapping[str, Any]) -> str:
    return f"`{json.dumps(field['default'])}`" if field.get("default") not in (None, [], {}) else ""


def schema_document() -> str:
    """Return the API's whole description, from which the web app's types are made."""
    api = create_app(cast("Services", None)).openapi()
    api["info"].pop("version")  # a release alone changes no type
    return json.dumps(api, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "../../deploy/.env.example": environment_file,
    "cli.md": console_page,
    "http-api.md": api_page,
    "manifest.md": manifest_page,
    "metrics.md": metrics_page,
    "openapi.json": schema_document,
    "settings.md": settings_page,
    "statuses.md": statuses_page,
}


def drifted() -> Iterator[str]:
    """Yield the pages that differ from the code."""
    for name, page in PAGES.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != page():
            yield name


def main(arguments: list[str]) -> int:
    """Write or check every page; return the exit code."""
    if arguments == ["--check"]:
        found = list(drifted())
        print(
            f"docs/reference: {', '.join(found)} differs; run make reference"
            if found
            else "docs/reference: current"
        )
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
