"""Shows an SSH server's host keys to be compared, and lets the server accept those that were."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.secret_input import confirmed
from fastflow.cli.session import ask
from fastflow.cli.wire_git import HostKeyAnswer, RepositoryAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow repositories host-keys data",
    "fastflow repositories host-keys data --accept SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
)

RepositoryArgument = Annotated[str, typer.Argument(metavar="NAME", help="The repository.")]


def host_keys(
    name: RepositoryArgument,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="FINGERPRINT", help="Accept exactly this key from now on. Repeatable."),
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Show which host keys the SSH server has now; accept those that you have compared.

    Compare the fingerprints with those that the Git host publishes. On a terminal you are asked.
    """
    if accept:
        pinned = ask(server, lambda client: accept_host_keys(client, name, accept))
        if as_json:
            emit_json(pinned)
        else:
            _report_accepted(pinned)
        return
    shown = ask(server, lambda client: shown_host_keys(client, name))
    if as_json:
        emit_json({"host_keys": shown})
        return
    offer_host_keys(server, name, shown)


async def shown_host_keys(client: "Client", name: str) -> list[HostKeyAnswer]:
    """Ask the server which host keys the repository's SSH server shows."""
    return (await client.get(f"api/repositories/{name}/host-keys"))["host_keys"]


async def accept_host_keys(client: "Client", name: str, fingerprints: list[str]) -> RepositoryAnswer:
    """Let the server accept exactly these."""
    body = {"fingerprints": fingerprints}
    return cast(RepositoryAnswer, await client.post(f"api/repositories/{name}/host-keys", body))


def offer_host_keys(server: str, name: str, shown: list[HostKeyAnswer]) -> None:
    """Print the keys; accept them if somebody at the terminal says that they are the right ones."""
    emit_table(("KIND", "FINGERPRINT"), [(key["type"], key["fingerprint"]) for key in shown])
    if confirmed("Are these the fingerprints that the Git host publishes?"):
        fingerprints = [key["fingerprint"] for key in shown]
        _report_accepted(ask(server, lambda client: accept_host_keys(client, name, fingerprints)))
        return
    say("No host key was accepted. Compare them with what the Git host publishes, then type:")
    if shown:
        say(f"  fastflow repositories host-keys {name} --accept {shown[0]['fingerprint']}")


def _report_accepted(repository: RepositoryAnswer) -> None:
    for key in repository["host_keys"]:
        emit(f"accepted for {repository['name']}: {key['type']} {key['fingerprint']}")
