"""`fastflow db`: moves what the server keeps from one database to another."""

from pathlib import Path
from typing import Annotated

import typer

from fastflow.cli.failures import failure_of
from fastflow.cli.nouns import Noun
from fastflow.cli.options import JsonOption, examples
from fastflow.cli.output import emit_json, emit_table, say
from fastflow.cli.server_settings import read_settings
from fastflow.domain.errors import FastFlowError

COPY_EXAMPLES = examples(
    "fastflow db copy --to postgresql://fastflow@db.internal/fastflow",
    "fastflow db copy --data-dir /var/lib/fastflow --to sqlite:////backup/fastflow.db",
)
_TOLD_EVERY = 100_000

database = Noun("The database of the server.", "VERB [ARGS]...", has_list=False)


def copy(
    to: Annotated[str, typer.Option(metavar="URL", help="An empty database: postgresql://… or sqlite:///…")],
    data_dir: Annotated[Path | None, typer.Option(help="Of the server; ./data by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Copy everything that the server keeps in its database into another one.

    Stop the server first; runs go on in their containers, and the next start takes them up. All of it is
    copied, or nothing. Then start the server with DATABASE_URL set to the new one; the old one is kept as is.
    """
    settings = read_settings({"data_dir": data_dir})
    from fastflow.main.moving import copy_database

    def report(table: str, count: int) -> None:
        if count % _TOLD_EVERY == 0:
            say(f"{table}: {count:,} rows so far")

    import asyncio

    try:
        counts = asyncio.run(copy_database(settings, to, report))
    except FastFlowError as error:
        raise failure_of(error) from error
    if as_json:
        emit_json({"tables": counts})
        return
    emit_table(("TABLE", "ROWS"), [(table, f"{count:,}") for table, count in sorted(counts.items()) if count])
    say("copied. Start the server with DATABASE_URL set to the new database.")


database.verb("copy", copy, COPY_EXAMPLES)
