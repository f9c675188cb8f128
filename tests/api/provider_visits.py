"""Somebody who signs in at the provider by a browser, and the admin who decides about them, over HTTP."""

from urllib.parse import parse_qs, urlsplit

import httpx2


async def begin(client: httpx2.AsyncClient, path: str = "/runs") -> str:
    """Click on the button; return the state."""
    answer = await client.get("/api/auth/oidc/start", params={"next": path})
    assert answer.status_code == 303, answer.text
    return state_of(answer.headers["location"])


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


async def come_back(client: httpx2.AsyncClient, state: str) -> httpx2.Response:
    return await client.get("/api/auth/oidc/callback", params={"code": "c", "state": state})


async def sign_in(client: httpx2.AsyncClient, path: str = "/runs") -> httpx2.Response:
    return await come_back(client, await begin(client, path))


async def only_identity(client: httpx2.AsyncClient, admin: dict[str, str]) -> dict[str, str]:
    (identity,) = (await client.get("/api/identities", headers=admin)).json()["identities"]
    return identity


async def admit(client: httpx2.AsyncClient, admin: dict[str, str], **body: str) -> httpx2.Response:
    identity = await only_identity(client, admin)
    return await client.post(f"/api/identities/{identity['id']}/admit", json=body, headers=admin)


async def who(client: httpx2.AsyncClient) -> tuple[str, str]:
    """Refresh by the cookie as a page of this site does; return who it is."""
    user = (await client.post("/api/auth/refresh")).json()["user"]
    return user["name"], user["role"]
