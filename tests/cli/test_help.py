"""What every command has in common: help with examples, exit codes, speed, manners in a pipe."""

import subprocess
import sys

import pytest

from fastflow.cli.app import app
from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.program import FASTFLOW, PATIENCE_SECONDS

COMMANDS = [c.name or c.callback.__name__ for c in app.registered_commands if c.callback]
VERBS_OF = {
    group.name: {verb.name for verb in group.typer_instance.registered_commands}
    for group in app.registered_groups
    if group.typer_instance and group.name
}
VERBS = [
    f"{group.name} {verb.name}"
    for group in app.registered_groups
    if group.typer_instance
    for verb in group.typer_instance.registered_commands
]


@pytest.mark.parametrize("command", [*COMMANDS, *VERBS])
def test_the_help_of_every_command_shows_how_to_type_it(console: Console, command: str) -> None:
    shown = console(*command.split(), "--help")
    assert shown.exit_code == 0
    assert f"Examples:\n    fastflow {command.removesuffix(' list')}" in shown.stdout


@pytest.mark.parametrize("noun", [noun for noun, verbs in VERBS_OF.items() if "list" in verbs])
def test_a_noun_alone_lists_and_its_help_shows_the_verbs(console: Console, noun: str) -> None:
    assert "Commands:\n  list " in console(noun, "--help").stdout
    assert (
        console(noun, "--server", "http://127.0.0.1:1").stderr
        == console(noun, "list", "--server", "http://127.0.0.1:1").stderr
    )


@pytest.mark.parametrize("noun", [noun for noun, verbs in VERBS_OF.items() if "list" not in verbs])
def test_a_noun_that_has_no_list_shows_its_verbs(console: Console, noun: str) -> None:
    alone = console(noun)
    assert alone.exit_code == ExitCode.USAGE
    assert all(f"\n  {verb} " in alone.stdout + alone.stderr for verb in VERBS_OF[noun])


def test_the_help_lists_every_exit_code_there_is(console: Console) -> None:
    shown = console("--help").stdout
    assert {f"{code}" for code in ExitCode} <= set(shown.split())


def test_a_word_that_is_no_command_is_a_wrong_command_line(console: Console) -> None:
    assert console("fly").exit_code == ExitCode.USAGE


def test_the_version_is_printed(console: Console) -> None:
    assert console("--version").stdout.startswith("fastflow ")


def test_help_loads_none_of_the_slow_libraries() -> None:
    code = (
        "import sys; from fastflow.cli.app import main; main(['--help']); "
        "print([name for name in ('aiohttp', 'asyncio', 'fastapi', 'pydantic', 'rich', 'sqlalchemy', "
        "'structlog') if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("typed", "offered"), [("fastflow tr", "trigger"), ("fastflow webhooks rev", "revoke")]
)
def test_completion_offers_the_commands(typed: str, offered: str) -> None:
    place = str(len(typed.split()) - 1)
    variables = {"_FASTFLOW_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": place}
    shown = subprocess.run(
        FASTFLOW, capture_output=True, text=True, timeout=PATIENCE_SECONDS, env=variables, check=False
    )
    assert shown.stdout.split() == [offered]


def test_what_a_terminal_can_not_show_is_replaced() -> None:
    variables = {"PYTHONIOENCODING": "ascii", "FASTFLOW_SERVER": "http://größe:1"}
    ended = subprocess.run(
        [*FASTFLOW, "runs"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=variables,
        check=False,
    )
    assert ended.returncode == ExitCode.UNREACHABLE
    assert ended.stderr.startswith("error: No Fast-Flow server answers")


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    with subprocess.Popen(
        [*FASTFLOW, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
