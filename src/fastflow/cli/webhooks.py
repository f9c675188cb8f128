"""`fastflow webhooks`: the keys with which other systems start a pipeline, and what they sent."""

from typing import TYPE_CHECKING, Annotated, Any, TypedDict, cast

import typer

from fastflow.cli.durations import read_seconds
from fastflow.cli.moments import ahead, when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit, emit_json, emit_table, is_terminal, say
from fastflow.cli.session import ask

if TYPE_CHECKING:
    from fastflow.cli.client import Client

webhooks = Noun(
    "The webhooks of a pipeline: other systems start it with POST and a key. `fastflow webhooks PIPELINE` "
    "lists its keys and the last deliveries."
)

_SHOWN_DELIVERIES = 10
_STYLES = {"accepted": "green", "refused": "red", "duplicate": "dim", "ignored": "dim"}

PipelineArgument = Annotated[str, typer.Argument(metavar="PIPELINE", help="The pipeline.")]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY_ID", help="The key's id, as the list shows it.")]


class KeyAnswer(TypedDict):
    """A key that opens a pipeline's webhook; never the key itself."""

    id: str
    origin: str
    run_config_id: str | None
    hint: str
    is_signed: bool
    created_at: str | None
    expires_at: str | None
    is_expired: bool
    last_used_at: str | None


class NewKeyAnswer(KeyAnswer):
    """A key that was just made."""

    key: str
    path: str
    signing_secret: str | None


class DeliveryAnswer(TypedDict):
    """What another system sent, and what became of it."""

    id: str
    target: str
    at: str
    remote: str | None
    sender: str | None
    event: str | None
    external_id: str | None
    status: str
    code: str | None
    message: str | None
    body_bytes: int
    run_id: str | None
    sync_id: str | None


class DeliveryPageAnswer(TypedDict):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryAnswer]
    next_cursor: str | None


def show_webhooks(
    pipeline: PipelineArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER
) -> None:
    """List the keys of a pipeline, never the keys themselves, and its last deliveries."""

    async def work(client: "Client") -> tuple[list[KeyAnswer], DeliveryPageAnswer]:
        keys = await client.get(f"api/pipelines/{pipeline}/webhook-keys")
        query = {"limit": _SHOWN_DELIVERIES}
        return keys["keys"], await client.get(f"api/pipelines/{pipeline}/deliveries", query)

    keys, page = ask(server, work)
    if as_json:
        emit_json({"keys": keys, "deliveries": page["deliveries"]})
        return
    if not keys:
        say(
            f"Nothing starts {pipeline} by webhook. `fastflow webhooks add {pipeline}` makes a key, "
            "and so does a `webhook_key` in its manifest."
        )
        return
    _emit_keys(keys)
    if page["deliveries"]:
        emit("")
        emit_deliveries(page["deliveries"])


def add(
    pipeline: PipelineArgument,
    schedule: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Runs get the settings of this entry of the manifest's schedules."),
    ] = None,
    signed: Annotated[
        bool, typer.Option("--signed", help="Deliveries have to be signed; the secret is shown with the key.")
    ] = False,
    expires: Annotated[
        str | None, typer.Option(metavar="DURATION", help="When it ends: 12h, 30d, 52w. Else never.")
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Make a key beside those there are, and print the URL to call.

    The URL holds the key and is shown this once. To replace a key without a gap: add one, hand its URL
    over, then revoke the old one or let it expire.
    """
    body = {
        "run_config_id": schedule,
        "is_signed": signed,
        "expires_in_seconds": read_seconds("--expires", expires) if expires is not None else None,
    }

    async def work(client: "Client") -> tuple[NewKeyAnswer, str]:
        new = cast(NewKeyAnswer, await client.post(f"api/pipelines/{pipeline}/webhook-keys", body))
        return new, client.url_of(new["path"])

    new, url = ask(server, work)
    if as_json:
        emit_json({**new, "url": url})
        return
    emit(url)
    if new["signing_secret"] is not None:
        emit(new["signing_secret"])
        say("The first line is the URL, the second the secret: as GitHub does it, X-Hub-Signature-256 is")
        say("sha256= and the HMAC-SHA256 of the body with the whole second line; or as Standard Webhooks do.")
    say(f"Keep this: it is not shown again. Its id, to revoke it: {new['id']}")
    if is_terminal() and not signed:
        say(f"Try it with: curl -X POST {url}")


def expire(
    pipeline: PipelineArgument,
    key: KeyArgument,
    after: Annotated[
        str, typer.Option("--in", metavar="DURATION", help="From now on: 12h, 30d; or never.")
    ] = "24h",
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Let a key end later, such as the old one after a new one was handed over."""
    body = {"expires_in_seconds": None if after == "never" else read_seconds("--in", after)}

    async def work(client: "Client") -> KeyAnswer:
        return cast(KeyAnswer, await client.patch(f"api/pipelines/{pipeline}/webhook-keys/{key}", body))

    changed = ask(server, work)
    if as_json:
        emit_json(changed)
    else:
        emit(f"key {changed['id']} of {pipeline} ends: {_end(changed)}")


def revoke(pipeline: PipelineArgument, key: KeyArgument, server: ServerOption = DEFAULT_SERVER) -> None:
    """End a key at once."""

    async def work(client: "Client") -> None:
        await client.delete(f"api/pipelines/{pipeline}/webhook-keys/{key}")

    ask(server, work)
    emit(f"key {key} of {pipeline} is revoked")


def deliveries(
    pipeline: PipelineArgument,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List what was sent to a pipeline's webhook, newest first, and what became of it."""

    async def work(client: "Client") -> Any:
        return await client.get(f"api/pipelines/{pipeline}/deliveries", {"limit": limit})

    page = cast(DeliveryPageAnswer, ask(server, work))
    if as_json:
        emit_json(page)
    elif page["deliveries"]:
        emit_deliveries(page["deliveries"])
    else:
        say(f"Nothing was sent to the webhook of {pipeline} yet.")


def emit_deliveries(deliveries: list[DeliveryAnswer]) -> None:
    """Print deliveries to a webhook or of pushes."""
    emit_table(
        ("AT", "STATUS", "FROM", "WHAT", "RUN OR SYNC", "REASON"),
        [
            (
                when(delivery["at"]),
                Cell(delivery["status"], _STYLES.get(delivery["status"], "")),
                delivery["remote"] or "-",
                " ".join(part for part in (delivery["sender"], delivery["event"]) if part) or "-",
                delivery["run_id"] or delivery["sync_id"] or "-",
                delivery["message"] or "",
            )
            for delivery in deliveries
        ],
    )


def _emit_keys(keys: list[KeyAnswer]) -> None:
    emit_table(
        ("KEY", "MADE IN", "ENDS WITH", "SCHEDULE", "SIGNED", "CREATED", "LAST USED", "EXPIRES"),
        [
            (
                key["id"],
                key["origin"],
                f"…{key['hint']}" if key["hint"] else "-",
                key["run_config_id"] or "-",
                "yes" if key["is_signed"] else "no",
                when(key["created_at"]),
                when(key["last_used_at"]),
                Cell(_end(key), "red" if key["is_expired"] else ""),
            )
            for key in keys
        ],
    )


def _end(key: KeyAnswer) -> str:
    if key["expires_at"] is None:
        return "never"
    return f"expired {when(key['expires_at'])}" if key["is_expired"] else ahead(key["expires_at"])


webhooks.listing(
    show_webhooks,
    examples("fastflow webhooks report", "fastflow webhooks report --json | jq '.keys[].id'"),
)
webhooks.verb(
    "add",
    add,
    examples(
        "fastflow webhooks add report",
        "fastflow webhooks add report --schedule nightly --signed --expires 90d",
    ),
)
webhooks.verb("expire", expire, examples("fastflow webhooks expire report 0190c0de-… --in 24h"))
webhooks.verb("revoke", revoke, examples("fastflow webhooks revoke report 0190c0de-…"))
webhooks.verb(
    "deliveries",
    deliveries,
    examples("fastflow webhooks deliveries report", "fastflow webhooks deliveries report --limit 500 --json"),
)
