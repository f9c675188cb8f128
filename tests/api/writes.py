"""How each route that changes something is called so that it does, for tests that try them all."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx2

from fastflow.domain.audit import AuditAction
from fastflow.domain.environment import Package
from tests.api.door import KEY
from tests.plugins.world import Instance, World
from tests.servers.push_deliveries import Push, github_push

PEM: Final = "-----BEGIN RSA PRIVATE KEY-----\nnot a real one\n-----END RSA PRIVATE KEY-----\n"
SSH_URL: Final = "ssh://git@git.example/team/data.git"
PUSH_SECRET: Final = "correct horse battery staple"  # noqa: S105
VALUE: Final = "a-value-that-is-nobodys-business"
"""Handed in wherever a secret, a variable or a parameter can be."""


@dataclass
class Call:
    """A request that changes something, and what it is called in the audit log."""

    method: str
    path: str
    action: AuditAction
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str] | None = None
    also: tuple[AuditAction, ...] = ()
    """What else it is in the audit log."""
    is_by_user: bool = False
    """Whether somebody who is signed in sends it."""

    async def by(self, client: httpx2.AsyncClient) -> httpx2.Response:
        """Send it."""
        given = {"json": self.body} if self.content is None else {"content": self.content}
        return await client.request(self.method, self.path, headers=self.headers, **given)  # pyright: ignore[reportArgumentType]


class Place:
    """A server where the routes find what they want to change."""

    def __init__(self, world: World, server: Instance, client: httpx2.AsyncClient) -> None:
        self.world, self.server, self.client = world, server, client

    async def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """Make something."""
        answer = await self.client.post(path, json=body or {})
        assert answer.is_success, answer.text
        return answer.json()

    async def run(self) -> str:
        """Return the id of a new run."""
        return (await self.post("/api/pipelines/hello/run"))["id"]

    async def schedule(self) -> str:
        """Return the id of a new schedule."""
        return (await self.post("/api/pipelines/hello/schedules", {"schedule_cron": "0 3 * * *"}))["id"]

    async def webhook_key(self) -> str:
        """Return the path of a new key."""
        made = await self.post("/api/pipelines/hello/webhook-keys")
        return f"/api/pipelines/hello/webhook-keys/{made['id']}"

    async def repository(self, **fields: Any) -> None:
        """Add the repository `data`."""
        await self.post("/api/repositories", {"name": "data", "url": SSH_URL, **fields})


async def _start_run(place: Place) -> Call:
    del place
    body = {"env_vars": {"PASSWORD": VALUE}, "parameters": {"key": VALUE}}
    return Call("POST", "/api/pipelines/hello/run", AuditAction.RUN_TRIGGERED, body)


async def _cancel_run(place: Place) -> Call:
    return Call("POST", f"/api/runs/{await place.run()}/cancel", AuditAction.RUN_CANCELLED)


async def _retry_run(place: Place) -> Call:
    run_id = await place.run()
    await place.post(f"/api/runs/{run_id}/cancel")
    return Call("POST", f"/api/runs/{run_id}/retry", AuditAction.RUN_RETRIED)


async def _create_schedule(place: Place) -> Call:
    del place
    body = {"schedule_cron": "0 3 * * *", "default_env": {"PASSWORD": VALUE}}
    return Call("POST", "/api/pipelines/hello/schedules", AuditAction.SCHEDULE_CREATED, body)


async def _change_schedule(place: Place) -> Call:
    body = {"schedule_cron": "0 4 * * *", "default_env": {"PASSWORD": VALUE}}
    return Call("PATCH", f"/api/schedules/{await place.schedule()}", AuditAction.SCHEDULE_CHANGED, body)


async def _delete_schedule(place: Place) -> Call:
    return Call("DELETE", f"/api/schedules/{await place.schedule()}", AuditAction.SCHEDULE_DELETED)


async def _pause_schedule(place: Place) -> Call:
    return Call("POST", f"/api/schedules/{await place.schedule()}/pause", AuditAction.SCHEDULE_PAUSED)


async def _resume_schedule(place: Place) -> Call:
    schedule_id = await place.schedule()
    await place.post(f"/api/schedules/{schedule_id}/pause")
    return Call("POST", f"/api/schedules/{schedule_id}/resume", AuditAction.SCHEDULE_RESUMED)


async def _create_webhook_key(place: Place) -> Call:
    del place
    return Call("POST", "/api/pipelines/hello/webhook-keys", AuditAction.WEBHOOK_KEY_CREATED, {})


async def _change_webhook_key(place: Place) -> Call:
    body = {"expires_in_seconds": 60}
    return Call("PATCH", await place.webhook_key(), AuditAction.WEBHOOK_KEY_CHANGED, body)


async def _revoke_webhook_key(place: Place) -> Call:
    return Call("DELETE", await place.webhook_key(), AuditAction.WEBHOOK_KEY_REVOKED)


async def _deliver_webhook(place: Place) -> Call:
    place.world.source.put("hello", manifest=json.dumps({"webhook_key": KEY}))
    await place.server.pipelines.refresh()
    body = {"env_vars": {"PASSWORD": VALUE}}
    return Call("POST", f"/api/webhooks/hello/{KEY}", AuditAction.RUN_TRIGGERED, body)


async def _deliver_push(place: Place) -> Call:
    await place.repository(url="https://git.example/data.git", push_secret=PUSH_SECRET)
    push = github_push(Push(), PUSH_SECRET)
    return Call(
        "POST",
        "/api/push/data",
        AuditAction.SYNC_REQUESTED,
        content=push.body,
        headers=dict(push.headers),
    )


async def _create_repository(place: Place) -> Call:
    del place
    body = {"name": "data", "url": "https://git.example/d.git", "token": VALUE, "push_secret": VALUE}
    return Call("POST", "/api/repositories", AuditAction.REPOSITORY_CREATED, body)


async def _change_repository(place: Place) -> Call:
    await place.repository()
    return Call("PATCH", "/api/repositories/data", AuditAction.REPOSITORY_CHANGED, {"push_secret": VALUE})


async def _delete_repository(place: Place) -> Call:
    await place.repository()
    return Call("DELETE", "/api/repositories/data", AuditAction.REPOSITORY_DELETED)


async def _renew_deploy_key(place: Place) -> Call:
    await place.repository()
    return Call("POST", "/api/repositories/data/deploy-key", AuditAction.DEPLOY_KEY_RENEWED)


async def _pin_host_keys(place: Place) -> Call:
    await place.repository()
    shown = (await place.client.get("/api/repositories/data/host-keys")).json()["host_keys"]
    body = {"fingerprints": [key["fingerprint"] for key in shown]}
    return Call("POST", "/api/repositories/data/host-keys", AuditAction.HOST_KEYS_PINNED, body)


async def _start_sync(place: Place) -> Call:
    await place.repository()
    return Call("POST", "/api/sync", AuditAction.SYNC_REQUESTED, {"repository": "data"})


async def _create_github_app(place: Place) -> Call:
    del place
    body = {"name": "mine", "app_id": "1", "private_key": PEM.replace("not a real one", VALUE)}
    return Call("POST", "/api/github-apps", AuditAction.GITHUB_APP_CREATED, body)


async def _delete_github_app(place: Place) -> Call:
    await place.post("/api/github-apps", {"name": "mine", "app_id": "1", "private_key": PEM})
    return Call("DELETE", "/api/github-apps/mine", AuditAction.GITHUB_APP_DELETED)


async def _put_secret(place: Place) -> Call:
    del place
    return Call("PUT", "/api/secrets/API_KEY", AuditAction.SECRET_CREATED, {"value": VALUE})


async def _delete_secret(place: Place) -> Call:
    await place.client.put("/api/secrets/API_KEY", json={"value": VALUE})
    return Call("DELETE", "/api/secrets/API_KEY", AuditAction.SECRET_DELETED)


async def _prune_environments(place: Place) -> Call:
    place.world.environments.keep("spare", timedelta(days=90))
    return Call("POST", "/api/environments/prune", AuditAction.ENVIRONMENTS_PRUNED, {"unused_days": 1})


async def _upgrade_lock(place: Place) -> Call:
    place.world.environments.locked |= {"": (), "newest": (Package("six", "1.17.0"),)}
    place.world.environments.lockfile_key = ""
    return Call("POST", "/api/pipelines/hello/lock-upgrade", AuditAction.LOCK_UPGRADED)


WRITES: Final[dict[str, Callable[[Place], Awaitable[Call]]]] = {
    "start_run": _start_run,
    "cancel_run": _cancel_run,
    "retry_run": _retry_run,
    "create_schedule": _create_schedule,
    "change_schedule": _change_schedule,
    "delete_schedule": _delete_schedule,
    "pause_schedule": _pause_schedule,
    "resume_schedule": _resume_schedule,
    "create_webhook_key": _create_webhook_key,
    "change_webhook_key": _change_webhook_key,
    "revoke_webhook_key": _revoke_webhook_key,
    "deliver_webhook": _deliver_webhook,
    "deliver_push": _deliver_push,
    "create_repository": _create_repository,
    "change_repository": _change_repository,
    "delete_repository": _delete_repository,
    "renew_deploy_key": _renew_deploy_key,
    "pin_host_keys": _pin_host_keys,
    "start_sync": _start_sync,
    "create_github_app": _create_github_app,
    "delete_github_app": _delete_github_app,
    "put_secret": _put_secret,
    "delete_secret": _delete_secret,
    "prune_environments": _prune_environments,
    "upgrade_lock": _upgrade_lock,
}

CHANGES_NOTHING: Final = {
    "create_download_ticket": "It lets its caller read a log a moment later, as they may now.",
    "check_repository": "It asks the Git host for its branches.",
    "encrypt_secret": "It stores nothing; the ciphertext is the caller's.",
    "refresh_session": "It goes on with a session whose begin is in the log.",
    "link_identity": "It sends the browser to a provider; nothing is linked before it comes back.",
    "rotate_signing_key": "Here it is in the settings; tests/adapters/test_access_tokens.py has the other.",
}
"""Routes that are no reads by their method and leave everything as it is, and why."""
