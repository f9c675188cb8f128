"""`fastflow whoami`: as whom commands act, and where."""

from typing import TYPE_CHECKING, TypedDict, cast

from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit_json, emit_pairs
from fastflow.cli.session import ask_at

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples("fastflow whoami", "fastflow whoami --json | jq -r .role")


class MeAnswer(TypedDict):
    """Who calls."""

    kind: str
    name: str
    role: str
    pipelines: list[str] | None


def whoami(as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """Show who you are to the server, what you may do there, and how it knows."""
    from fastflow.cli.credential import VARIABLE, place_of, shown

    place = place_of(server)

    async def work(client: "Client") -> MeAnswer:
        return cast(MeAnswer, await client.get("api/auth/me"))

    me = ask_at(place, work)
    profile = place.credential.profile if place.credential is not None else None
    if as_json:
        emit_json({**me, "server": shown(place.address), "profile": profile})
        return
    if me["kind"] == "local":
        known_by = "there are no accounts; this machine may do everything. `fastflow setup` makes the first"
    else:
        known_by = f"profile {profile}" if profile is not None else VARIABLE
    emit_pairs(
        [
            ("name", me["name"]),
            ("role", me["role"]),
            ("pipelines", "all" if me["pipelines"] is None else ", ".join(me["pipelines"])),
            ("server", shown(place.address)),
            ("known by", known_by),
        ]
    )
