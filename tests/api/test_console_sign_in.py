"""Signing a console in by a browser: asked first, told on this machine only, and good once."""

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from fastflow.domain.console import check_word
from fastflow.domain.errors import Unavailable
from fastflow.domain.identity import Door
from fastflow.domain.proof_key import challenge_of
from fastflow.domain.role import Role
from fastflow.store import audit_log
from fastflow.store.audit_log import AuditFilter
from tests.api.browsers import AskingConsole, answer, made_up, told_to_console
from tests.fakes.provider import ALICE
from tests.plugins.world import Instance, World

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


@pytest.fixture(autouse=True)
def door(world: World) -> None:
    """Alice comes in by herself."""
    world.door = Door(domains=frozenset({"example.org"}), default_role=Role.OPERATOR)


@pytest.fixture(autouse=True)
async def admin(door: None, server: Instance) -> None:
    await server.parts.services.accounts.users.create("root", Role.ADMIN, PASSWORD)


async def test_a_console_gets_a_session_after_a_click(client: httpx2.AsyncClient, server: Instance) -> None:
    console = AskingConsole()
    page = await console.question(client)
    assert page.status_code == 200
    assert check_word(challenge_of(console.verifier)) in page.text
    assert all(word in page.text for word in ("alice", "operator", "ann&#x27;s laptop"))
    told = told_to_console(await answer(client, page))
    assert told["state"] == console.state
    entered = await console.enter(client, told["code"])
    session = entered.json()
    assert (entered.status_code, session["user"]["name"]) == (200, "alice")
    as_alice = {"Authorization": f"Bearer {session['access_token']}"}
    made = await client.post("/api/tokens", json={"name": "c", "kind": "console"}, headers=as_alice)
    assert made.json()["role"] == "operator"


async def test_the_browser_itself_is_not_signed_in(client: httpx2.AsyncClient) -> None:
    await answer(client, await AskingConsole().question(client))
    assert "fastflow_refresh" not in client.cookies
    assert "fastflow_sign_in" not in client.cookies, "what belonged to the sign-in is taken back"


async def test_the_audit_log_has_the_click_and_the_console(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    console = AskingConsole()
    await console.enter(client, await console.code(client))
    rows = await server.database.read(lambda session: audit_log.after(session, AuditFilter(), 0, 100))
    clicked, entered = rows[-2:]
    facts = {"machine": "ann's laptop", "way": "oidc"}
    assert (clicked.action, clicked.actor_name, clicked.after) == ("user.console_allowed", "alice", facts)
    assert (entered.action, entered.actor_name, entered.after) == ("user.signed_in", "alice", facts)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:49152/",
        "http://localhost:49152/",
        "http://127.0.0.1/",
        "http://127.0.0.1:49152/elsewhere",
        "http://127.0.0.1:49152@evil.example/",
        "http://127.0.0.1:49152/?x=",
        "http://127.0.0.1:49152/\n",
        "http://127.0.0.1:99999/",
        "http://evil.example:80/",
        "http://[::2]:80/",
        "javascript:alert(1)",
    ],
)
async def test_a_code_leaves_for_this_machine_only(client: httpx2.AsyncClient, address: str) -> None:
    answered = await client.get("/api/auth/oidc/console", params=AskingConsole().query(address=address))
    assert (answered.status_code, "console_request_invalid" in answered.text) == (422, True)
    assert "set-cookie" not in answered.headers


@pytest.mark.parametrize("changes", [{"state": "short"}, {"challenge": "x" * 44}])
async def test_what_a_console_makes_up_cannot_be_guessed(
    client: httpx2.AsyncClient, changes: dict[str, str]
) -> None:
    answered = await client.get("/api/auth/oidc/console", params=AskingConsole().query(**changes))
    assert "console_request_invalid" in answered.text


async def test_a_console_may_listen_at_the_other_loopback_address(client: httpx2.AsyncClient) -> None:
    page = await AskingConsole().question(client, address="http://[::1]:49152/")
    assert "url=http://[::1]:49152/?code=" in (await answer(client, page)).text


async def test_who_says_no_tells_the_console_and_it_gets_no_code(client: httpx2.AsyncClient) -> None:
    page = await AskingConsole().question(client)
    told = told_to_console(await answer(client, page, "no"))
    assert (told["error"], "code" in told) == ("access_denied", False)
    assert "sign_in_expired" in (await answer(client, page)).text, "it was answered"


async def test_a_question_is_answered_once(client: httpx2.AsyncClient) -> None:
    page = await AskingConsole().question(client)
    kept = dict(client.cookies)
    await answer(client, page)
    client.cookies.update(kept)
    assert "sign_in_expired" in (await answer(client, page)).text


async def test_only_the_browser_that_was_asked_can_answer(client: httpx2.AsyncClient) -> None:
    page = await AskingConsole().question(client)
    asked = dict(client.cookies)
    client.cookies.clear()
    assert "sign_in_expired" in (await answer(client, page)).text
    client.cookies.update(asked)
    foreign = await answer(client, page, Origin="https://evil.example")
    assert (foreign.status_code, "foreign_request" in foreign.text) == (403, True)
    assert "code" in told_to_console(await answer(client, page)), "nobody else has spoilt it"


async def test_a_yes_to_one_console_is_none_to_another(client: httpx2.AsyncClient) -> None:
    """A second one that slips in while the page is read changes nothing of what the page asks."""
    page = await AskingConsole().question(client)
    await AskingConsole().question(client)
    answered = await answer(client, page)
    assert (answered.status_code, "sign_in_expired" in answered.text) == (403, True)


async def test_a_question_is_left_for_five_minutes_at_most(world: World, client: httpx2.AsyncClient) -> None:
    page = await AskingConsole().question(client)
    await world.clock.advance(timedelta(minutes=5))
    assert "sign_in_expired" in (await answer(client, page)).text


async def test_a_code_is_good_once_for_a_minute_and_for_who_asked(
    world: World, client: httpx2.AsyncClient
) -> None:
    console, thief = AskingConsole(), AskingConsole()
    code = await console.code(client)
    assert (await console.enter(client, code)).status_code == 200
    assert (await console.enter(client, code)).json()["code"] == "console_code_invalid"
    stolen = await console.code(client)
    assert (await thief.enter(client, stolen)).status_code == 401
    assert (await console.enter(client, stolen)).status_code == 401, "it is in the wrong hands: used up"
    late = await console.code(client)
    await world.clock.advance(timedelta(minutes=1))
    assert (await console.enter(client, late)).status_code == 401
    assert (await console.enter(client, made_up())).status_code == 401


async def test_who_is_refused_meanwhile_does_not_come_in(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    accounts, console = server.parts.services.accounts, AskingConsole()
    code, page = await console.code(client), await console.question(client)
    (identity,) = await accounts.identities.every()
    await accounts.identities.refuse(identity.row.id)
    assert "access_refused" in (await answer(client, page)).text
    assert (await console.enter(client, code)).json()["code"] == "access_refused"
    assert told_to_console(await console.question(client))["error"] == "access_refused"


async def test_a_console_is_told_why_nobody_signs_it_in(world: World, client: httpx2.AsyncClient) -> None:
    world.provider.somebody = replace(ALICE, email="alice@evil.example")
    console = AskingConsole()
    page = await console.question(client)
    told = told_to_console(page)
    assert page.status_code == 403
    assert (told["error"], told["state"]) == ("not_allowed_here", console.state)
    assert "Ask an admin" in told["error_description"]
    world.provider.error = Unavailable("provider_unusable", "http://10.0.0.7/token answered HTTP 500")
    begun = await client.get("/api/auth/oidc/console", params=console.query())
    assert (begun.status_code, "10.0.0.7" in begun.text) == (503, False)
    assert told_to_console(begun)["error"] == "provider_unusable"


async def test_the_page_runs_nothing_and_sends_its_form_nowhere_else(client: httpx2.AsyncClient) -> None:
    page = await AskingConsole().question(client, machine="<script>alert(1)</script>\n")
    assert "<script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
