"""`fastflow repositories add`, `change`, `remove` and the keys that go with them."""

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fastflow.cli.durations import read_seconds
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.host_keys import RepositoryArgument, accept_host_keys, offer_host_keys, shown_host_keys
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, say
from fastflow.cli.secret_input import read_secret, require_yes
from fastflow.cli.session import ask
from fastflow.cli.wire_git import RepositoryAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

ADD_EXAMPLES = examples(
    "fastflow repositories add data https://git.example.org/team/data.git",
    "fastflow repositories add data https://git.example.org/team/data.git --token-file -",
    "fastflow repositories add data git@git.example.org:team/data.git --branch main --subdir pipelines",
    "fastflow repositories add data https://github.com/team/data --github-app company",
)
CHANGE_EXAMPLES = examples(
    "fastflow repositories change data --branch stable --interval 5min",
    "fastflow repositories change data --token-file ~/new-token",
    "fastflow repositories change data --disable",
)
REMOVE_EXAMPLES = examples("fastflow repositories remove data", "fastflow repositories remove data --yes")
KEY_EXAMPLES = examples(
    "fastflow repositories deploy-key data", "fastflow repositories deploy-key data --renew"
)
PUSH_EXAMPLES = examples("fastflow repositories push-webhook data")

BranchOption = Annotated[
    str | None, typer.Option(metavar="BRANCH", help="Else the one that the remote's HEAD names.")
]
SubdirOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="The folder in it whose folders are pipelines.")
]
TokenOption = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", help="Holds the token for HTTPS; -: standard input, or a hidden prompt."),
]
UsernameOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="That goes with the token, where the Git host wants one.")
]
AppOption = Annotated[
    str | None, typer.Option(metavar="APP", help="One of `fastflow github-apps`; its tokens open it.")
]
InstallationOption = Annotated[
    int | None, typer.Option(metavar="ID", help="Of the App; else looked up by the repository.")
]
KeyOption = Annotated[bool, typer.Option("--deploy-key", help="By SSH; a key pair is made on the server.")]
IntervalOption = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION|off|default", help="Between looks at it: 30s, 5min; off: only when asked."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called here.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="https://… or user@host:path, without password.")],
    branch: BranchOption = None,
    subdir: SubdirOption = None,
    token_file: TokenOption = None,
    username: UsernameOption = None,
    deploy_key: KeyOption = False,
    github_app: AppOption = None,
    installation: InstallationOption = None,
    interval: IntervalOption = None,
    accept_host_key: Annotated[
        list[str] | None,
        typer.Option(metavar="FINGERPRINT", help="SSH: accept this host key, SHA256:…. Repeatable."),
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Add a Git repository; its pipelines are listed after the first sync.

    By SSH, the server makes a key pair: enter the public key that is printed at the Git host, with
    permission to read. Then compare the host keys; only accepted ones are talked to.
    """
    body = _fields(url, branch, subdir, token_file, username, github_app, installation, interval)
    if deploy_key:
        body["authentication"] = "deploy_key"

    async def work(client: "Client") -> RepositoryAnswer:
        made = cast(RepositoryAnswer, await client.post("api/repositories", {"name": name, **body}))
        if accept_host_key:
            made = await accept_host_keys(client, name, accept_host_key)
        return made

    made = ask(server, work)
    if as_json:
        emit_json(made)
        return
    say(f"repository {name} is added")
    _guide(server, made)


def change(
    name: RepositoryArgument,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Another host drops the credential.")] = None,
    branch: BranchOption = None,
    subdir: SubdirOption = None,
    token_file: TokenOption = None,
    username: UsernameOption = None,
    deploy_key: KeyOption = False,
    github_app: AppOption = None,
    installation: InstallationOption = None,
    interval: IntervalOption = None,
    is_enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether it is synced; its pipelines stay.")
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Change what is named; all else stays. An empty --branch or --subdir takes it back."""
    body = _fields(url, branch, subdir, token_file, username, github_app, installation, interval)
    if token_file is not None:
        body["authentication"] = "token"
    elif github_app is not None:
        body["authentication"] = "github_app"
    elif deploy_key:
        body["authentication"] = "deploy_key"
    if is_enabled is not None:
        body["is_enabled"] = is_enabled
    if not body:
        raise CommandFailed(ExitCode.USAGE, "Say what to change: -h lists the options.")

    async def work(client: "Client") -> RepositoryAnswer:
        return cast(RepositoryAnswer, await client.patch(f"api/repositories/{name}", body))

    changed = ask(server, work)
    if as_json:
        emit_json(changed)
        return
    say(f"repository {name} is changed")
    if deploy_key or url is not None:
        _guide(server, changed)


def remove(name: RepositoryArgument, yes: YesOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """Remove a repository. Its pipelines are not listed any more; their runs and logs stay."""
    require_yes(f"Remove {name}, and with it its pipelines?", is_given=yes)

    async def work(client: "Client") -> None:
        await client.delete(f"api/repositories/{name}")

    ask(server, work)
    emit(f"repository {name} is removed")


def deploy_key(
    name: RepositoryArgument,
    renew: Annotated[bool, typer.Option("--renew", help="Make a new one; the old one is lost.")] = False,
    yes: YesOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Print the public key to enter at the Git host, with permission to read."""
    if renew:
        require_yes(f"Make a new deploy key for {name}? Until it is entered, syncs fail.", is_given=yes)

    async def work(client: "Client") -> RepositoryAnswer:
        path = f"api/repositories/{name}"
        found = await (client.post(f"{path}/deploy-key") if renew else client.get(path))
        return cast(RepositoryAnswer, found)

    found = ask(server, work)
    if found["public_key"] is None:
        raise CommandFailed(ExitCode.REFUSED, f"Repository {name} is not opened by a deploy key.")
    emit(found["public_key"])


def push_webhook(
    name: RepositoryArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Make a secret for the Git host's push webhooks; print the URL and the secret to enter there.

    With it a push is synced at once. An earlier secret counts no longer.
    """
    import secrets

    secret = secrets.token_hex(32)

    async def look(client: "Client") -> RepositoryAnswer:
        return cast(RepositoryAnswer, await client.get(f"api/repositories/{name}"))

    async def work(client: "Client") -> str:
        await client.patch(f"api/repositories/{name}", {"push_secret": secret})
        return client.url_of(f"api/push/{name}")

    if ask(server, look)["has_push_secret"]:
        require_yes(f"{name} has a secret. Replace it? The Git host needs the new one then.", is_given=yes)
    url = ask(server, work)
    if as_json:
        emit_json({"url": url, "secret": secret})
        return
    emit(url)
    emit(secret)
    say("Enter both at the Git host: push events, content type application/json. The secret is not shown")
    say("again. The Git host has to reach this server: put its public address in place of the one above.")


def _fields(
    url: str | None,
    branch: str | None,
    subdir: str | None,
    token_file: str | None,
    username: str | None,
    github_app: str | None,
    installation: int | None,
    interval: str | None,
) -> dict[str, Any]:
    """Return the fields that were given."""
    fields: dict[str, Any] = {
        "url": url,
        "subdir": subdir,
        "username": username,
        "github_app": github_app,
        "installation_id": installation,
        "token": read_secret("--token-file", token_file, "Token") if token_file is not None else None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if branch is not None:
        given["branch"] = branch or None
    if interval is not None:
        words = {"off": 0, "default": None}
        given["sync_interval_seconds"] = (
            words[interval] if interval in words else read_seconds("--interval", interval)
        )
    return given


def _guide(server: str, repository: RepositoryAnswer) -> None:
    """Say what is left to do until it can be synced."""
    name, host = repository["name"], repository["url"]
    if repository["public_key"] is not None:
        say(f"Enter this deploy key at the Git host of {host}, with permission to read:")
        emit(repository["public_key"])
        if not repository["host_keys"]:
            _compare_host_keys(server, name)
        say(f"When the key is entered, see whether it opens: fastflow repositories check {name}")
    say(f"Fetch its pipelines, and see what they are: fastflow sync {name}")


def _compare_host_keys(server: str, name: str) -> None:
    try:
        shown = ask(server, lambda client: shown_host_keys(client, name))
    except CommandFailed as failure:
        more = f"{name} stays as it is now. Later, type: fastflow repositories host-keys {name}"
        raise CommandFailed(failure.exit_code, f"{failure.message}\n{more}") from failure
    say("The SSH server there shows these host keys:")
    offer_host_keys(server, name, shown)
