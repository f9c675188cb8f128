"""`fastflow github-apps`: the GitHub Apps whose tokens open repositories."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.moments import when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.secret_input import read_secret, require_yes
from fastflow.cli.session import ask
from fastflow.cli.wire_git import GitHubAppAnswer, InstallationAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

github_apps = Noun("The GitHub Apps whose tokens open repositories. `fastflow github-apps` lists them.")

AppArgument = Annotated[str, typer.Argument(metavar="NAME", help="What the App is called here.")]


def list_apps(as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """List the GitHub Apps."""

    async def work(client: "Client") -> list[GitHubAppAnswer]:
        return (await client.get("api/github-apps"))["github_apps"]

    found = ask(server, work)
    if as_json:
        emit_json({"github_apps": found})
    elif found:
        emit_table(
            ("APP", "ID", "API", "CONFIGURED BY", "ADDED"),
            [
                (app["name"], app["app_id"], app["api_url"], app["origin"], when(app["created_at"]))
                for app in found
            ],
        )
    else:
        say("There is no GitHub App. Add one with: fastflow github-apps add NAME APP_ID --key-file FILE")


def add(
    name: AppArgument,
    app_id: Annotated[str, typer.Argument(metavar="APP_ID", help="Its App ID or client ID at GitHub.")],
    key_file: Annotated[
        str, typer.Option(metavar="FILE|-", help="The private key that GitHub gave, a .pem file.")
    ],
    api_url: Annotated[
        str | None, typer.Option(metavar="URL", help="https://HOST/api/v3 of an own GitHub.")
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Add a GitHub App. It needs the permission to read contents, and an installation."""
    body = {
        "name": name,
        "app_id": app_id,
        "private_key": read_secret("--key-file", key_file, "Private key"),
        **({"api_url": api_url} if api_url is not None else {}),
    }

    async def work(client: "Client") -> GitHubAppAnswer:
        return cast(GitHubAppAnswer, await client.post("api/github-apps", body))

    made = ask(server, work)
    if as_json:
        emit_json(made)
        return
    emit(f"GitHub App {name} is added")
    say(f"See what it may read: fastflow github-apps installations {name}")


def remove(
    name: AppArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Remove a GitHub App that opens no repository."""
    require_yes(f"Remove the GitHub App {name}?", is_given=yes)

    async def work(client: "Client") -> None:
        await client.delete(f"api/github-apps/{name}")

    ask(server, work)
    emit(f"GitHub App {name} is removed")


def installations(
    name: AppArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER
) -> None:
    """Ask GitHub where the App is installed, and which repositories it may read there."""

    async def work(client: "Client") -> list[InstallationAnswer]:
        return (await client.get(f"api/github-apps/{name}/installations"))["installations"]

    found = ask(server, work)
    if as_json:
        emit_json({"installations": found})
    elif found:
        emit_table(
            ("INSTALLATION", "ACCOUNT", "STATE", "REPOSITORIES"),
            [
                (
                    str(one["id"]),
                    one["account"],
                    "suspended" if one["is_suspended"] else "on",
                    ", ".join(one["repositories"]) or "-",
                )
                for one in found
            ],
        )
    else:
        say(f"The App {name} is installed nowhere. Install it at GitHub on the account of the repositories.")


github_apps.listing(list_apps, examples("fastflow github-apps"))
github_apps.verb(
    "add",
    add,
    examples(
        "fastflow github-apps add company 123456 --key-file company.private-key.pem",
        "fastflow github-apps add own 7 --key-file own.pem --api-url https://git.example.org/api/v3",
    ),
)
github_apps.verb("remove", remove, examples("fastflow github-apps remove company"))
github_apps.verb("installations", installations, examples("fastflow github-apps installations company"))
