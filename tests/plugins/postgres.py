"""A private PostgreSQL server for one test process: installed where missing, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from tests.plugins.debian import find_or_install

_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
}
"""A socket in our own directory instead of a port that others might take; durability is not under test."""


class PostgresServer:
    """A server reached by a unix socket, run by an unprivileged user where the tests run as root."""

    def __init__(self) -> None:
        """Create the cluster and start it; blocks until it answers."""
        self._binaries = _find_binaries()
        self._user = _unprivileged_user()
        # Not below pytest's directory: that one is closed to the user the server runs as.
        self._directory = Path(tempfile.mkdtemp(prefix="fastflow-pg-", dir="/tmp"))
        self._directory.chmod(0o755)
        if self._user is not None:
            shutil.chown(self._directory, self._user)
        self._data = self._directory / "data"
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"
        )
        options = [f"-c {name}={value}" for name, value in _SETTINGS.items()]
        options.append(f"-c unix_socket_directories={self._directory}")
        self._run(
            "pg_ctl", "start", "--wait", f"--log={self._directory / 'log'}", "--options", " ".join(options)
        )

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self._directory}"

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database as a copy of the template; return its address."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")
        shutil.rmtree(self._directory)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=_SECONDS) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "-D", str(self._data), *arguments]
        # Not through pipes: the server that pg_ctl leaves running would hold them open for ever.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                timeout=_SECONDS,
                check=False,
                user=self._user,
                group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
                extra_groups=None if self._user is None else [],
            )
            output.seek(0)
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)} failed:\n{output.read().decode(errors='replace')}")


def _find_binaries() -> Path:
    return find_or_install(
        _newest_binaries,
        "postgresql",
        "The store is tested on a real PostgreSQL, and no initdb was found. Install one: "
        "apt-get install postgresql, brew install postgresql, or put its bin folder on the PATH.",
    )


def _newest_binaries() -> Path | None:
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True
    )
    on_path = shutil.which("initdb")
    candidates: Sequence[Path] = [*versions, *([Path(on_path).resolve()] if on_path else [])]
    return next((path.parent for path in candidates if (path.parent / "pg_ctl").exists()), None)


def _unprivileged_user() -> str | None:
    """Name the user that PostgreSQL, which refuses root, can run as; None: as we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
