"""The console: every command, and how each ends."""

import io
import sys
from typing import Annotated

import typer

from fastflow.cli import (
    audit,
    backup,
    changes,
    database,
    docker_proxy,
    doctor,
    environments,
    exit_codes,
    github_apps,
    graph,
    identities,
    known_servers,
    lint,
    local_run,
    lock,
    login,
    logs,
    next_occurrences,
    passwd,
    pipelines,
    repositories,
    runner_image,
    runs,
    scaffold,
    schedules,
    secrets,
    set_up,
    settings,
    sync,
    tokens,
    trigger,
    up,
    users,
    webhooks,
    whoami,
    why,
)
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.output import emit, say_error

# Plain help: it is shown in half the time, and reads the same in a pipe.
app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        emit(f"fastflow {version('fastflow-orchestrator')}")
        raise typer.Exit


@app.callback(epilog=exit_codes.EPILOG)
def fastflow(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run plain Python folders in fresh containers: a pipeline is a folder with a main.py."""


app.command(epilog=up.EXAMPLES)(up.up)
app.command(epilog=scaffold.EXAMPLES)(scaffold.new)
app.command(epilog=local_run.EXAMPLES)(local_run.run)
app.command(epilog=lint.EXAMPLES)(lint.lint)
app.command(epilog=lock.EXAMPLES)(lock.lock)
app.command(epilog=trigger.EXAMPLES)(trigger.trigger)
app.command(epilog=runs.RUNS_EXAMPLES)(runs.runs)
app.command(epilog=runs.SHOW_EXAMPLES)(runs.show)
app.command(epilog=logs.EXAMPLES)(logs.logs)
app.command(epilog=changes.CANCEL_EXAMPLES)(changes.cancel)
app.command(epilog=changes.RETRY_EXAMPLES)(changes.retry)
app.command(epilog=pipelines.EXAMPLES)(pipelines.pipelines)
app.command("next", epilog=next_occurrences.EXAMPLES)(next_occurrences.next_occurrences)
app.command(epilog=why.EXAMPLES)(why.why)
app.command(epilog=graph.EXAMPLES)(graph.graph)
app.command(epilog=sync.EXAMPLES)(sync.sync)
app.add_typer(repositories.repositories.group, name="repositories")
app.add_typer(github_apps.github_apps.group, name="github-apps")
app.add_typer(identities.identities.group, name="identities")
app.add_typer(schedules.schedules.group, name="schedules")
app.add_typer(secrets.secrets.group, name="secrets")
app.add_typer(environments.environments.group, name="env")
app.add_typer(webhooks.webhooks.group, name="webhooks")
app.add_typer(users.users.group, name="users")
app.add_typer(tokens.tokens.group, name="tokens")
app.add_typer(audit.audit.group, name="audit")
app.command("setup", epilog=set_up.EXAMPLES)(set_up.set_up)
app.command(epilog=login.LOGIN_EXAMPLES)(login.login)
app.command(epilog=login.LOGOUT_EXAMPLES)(login.logout)
app.command(epilog=passwd.EXAMPLES)(passwd.passwd)
app.add_typer(known_servers.profiles.group, name="profiles")
app.command(epilog=whoami.EXAMPLES)(whoami.whoami)
app.command(epilog=settings.EXAMPLES)(settings.settings)
app.command(epilog=doctor.EXAMPLES)(doctor.doctor)
app.add_typer(backup.backup.group, name="backup")
app.add_typer(database.database.group, name="db")
app.command("docker-proxy", epilog=docker_proxy.EXAMPLES)(docker_proxy.docker_proxy)
app.command("runner-image", epilog=runner_image.EXAMPLES)(runner_image.runner_image)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows what it can
    try:
        app(args=arguments, prog_name="fastflow")
    except CommandFailed as failure:
        say_error(failure.message)
        return failure.exit_code
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.OK
    return ExitCode.OK
