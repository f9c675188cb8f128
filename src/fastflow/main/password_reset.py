"""Gives somebody another password directly in the database, beside a server that may run."""

import asyncio
import secrets
from typing import Final

from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.adapters.crypto.passwords import Argon2Passwords
from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.errors import NotFound
from fastflow.services.clock import SystemClock
from fastflow.services.credentials import Credentials
from fastflow.services.token_uses import TokenUses
from fastflow.services.users import Users
from fastflow.settings import Settings
from fastflow.store.database import Database
from fastflow.store.tables import UserRow

ON_THE_MACHINE: Final = Actor(ActorKind.SYSTEM, "users reset-password")


async def reset_password(settings: Settings, name: str, password: str) -> UserRow:
    """Set a user's password and sign them out everywhere; a running server knows within five seconds.

    Raises:
        NotFound: `installation_not_found`, `user_not_found`.
        Invalid: `password_invalid`.
        Unavailable: the database can't be had.
    """
    data = settings.data_dir.absolute()
    if not await asyncio.to_thread((data / "installation-id").exists):
        raise NotFound(
            "installation_not_found",
            f"There is no Fast-Flow in {data}. Set FASTFLOW_DATA_DIR to what the server has.",
        )
    database, clock = Database(settings.resolved_database_url), SystemClock()
    before = acting.set(ON_THE_MACHINE)
    try:
        signs_nothing = JwtAccessTokens([secrets.token_urlsafe(64)], "none")
        credentials = Credentials(
            database, signs_nothing, TokenUses(database, clock), clock, is_local=settings.is_local
        )
        users = Users(database, Argon2Passwords(), credentials, clock)
        return await users.change(name, password=password)
    finally:
        acting.reset(before)
        await database.close()
