"""A stream ends with the credential that opened it: nothing more is sent to who is out."""

import asyncio

import pytest

from fastflow.domain.role import Role
from tests.api.access_credentials import Makers, bearer
from tests.api.event_stream import Event, listen
from tests.plugins.world import Instance


@pytest.mark.parametrize("end", ["signed out", "disabled", "removed", "revoked"])
async def test_a_stream_ends_with_its_credential(server: Instance, end: str) -> None:
    make = Makers(server)
    await make.begin()
    name = await make.user(Role.VIEWER)
    token_id, token = await make.api_token(name)
    credential = token if end == "revoked" else await make.session(name)
    heard: list[Event] = []
    has_begun, has_heard = asyncio.Event(), asyncio.Event()

    def look(events: list[Event]) -> bool:
        heard[:] = events
        has_begun.set()
        if events:
            has_heard.set()
        return False

    following = asyncio.create_task(listen(server.app, "/api/events", look, authorization=bearer(credential)))
    await has_begun.wait()
    await server.trigger("hello")
    await has_heard.wait()
    users = make.accounts.users
    if end == "revoked":
        await make.accounts.api_tokens.revoke(token_id, None)
    elif end == "removed":
        await users.remove(name)
    elif end == "disabled":
        await users.change(name, is_enabled=False)
    else:
        await make.accounts.sessions.end_all((await users.get(name)).id)
    before = len(heard)
    await server.trigger("hello")
    await asyncio.wait_for(following, 30)
    assert len(heard) == before
