"""`fastflow backup`: a backup of an installation, and the way back from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed, failure_of
from fastflow.cli.nouns import Noun
from fastflow.cli.options import JsonOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.server_settings import read_settings
from fastflow.domain.errors import FastFlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastflow.main.backup import Contents

KEY_EXAMPLES = examples("fastflow backup key /media/stick/fastflow-backup.key")
CREATE_EXAMPLES = examples(
    "fastflow backup create fastflow-$(date +%F).backup --recipient age1…",
    "fastflow backup create /backup/today.backup --recipient age1… --data-dir /var/lib/fastflow",
)
VERIFY_EXAMPLES = examples("fastflow backup verify today.backup --key-file /media/stick/fastflow-backup.key")
RESTORE_EXAMPLES = examples(
    "fastflow backup restore today.backup --key-file fastflow-backup.key --data-dir /var/lib/fastflow",
    "DATABASE_URL=postgresql://… fastflow backup restore today.backup --key-file fastflow-backup.key",
)
_MIB = 1024**2
_TOLD_EVERY_BYTES = 256 * _MIB

backup = Noun(
    "Backups: one encrypted file that everything can be restored from.", "VERB [ARGS]...", has_list=False
)

KeyFileOption = Annotated[
    Path, typer.Option("--key-file", metavar="FILE", help="What `backup key` has made.")
]
DataDirOption = Annotated[Path | None, typer.Option(help="Of the server; ./data by default.")]
BackupArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


def key(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where the key is written; not on this machine.")
    ],
) -> None:
    """Make the key that opens backups, and print the recipient that they are made for.

    The recipient is no secret: whoever has it can make backups, and read none. Keep the file away from the
    server, and keep it well: without it no backup can be read.
    """
    from fastflow.main.backup import make_backup_key

    try:
        recipient = make_backup_key(file)
    except FastFlowError as error:
        raise failure_of(error) from error
    emit(recipient)
    say(f"the key is in {file}: keep it where the server is not. Back up with --recipient {recipient}")


def create(
    file: BackupArgument,
    recipient: Annotated[
        list[str] | None,
        typer.Option(metavar="age1…", help="Whose key opens it; may be given several times."),
    ] = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a backup of what there is now: database, logs, code of runs, keys. The server may run meanwhile.

    It is one state of the database, and every log at least as far as that knows. Environments and mirrors of
    repositories are not in it: they are made anew. The file is encrypted by age (age-encryption.org).
    """
    if not recipient:
        raise CommandFailed(
            ExitCode.USAGE,
            "A backup is encrypted: say who can open it with --recipient age1…, which `fastflow backup key` "
            "prints.",
        )
    settings = read_settings({"data_dir": data_dir})
    from fastflow.main.backup import back_up

    contents = _done(back_up(settings, file, recipient, _progress("backed up")))
    _show(contents, as_json)
    say(f"{file} is whole. Try now and then whether it opens: fastflow backup verify {file} --key-file …")


def verify(file: BackupArgument, key_file: KeyFileOption, as_json: JsonOption = False) -> None:
    """Read all of a backup, compare it with what it says of itself, and say what is in it. Writes nothing."""
    import asyncio

    from fastflow.main.backup import verify_backup

    async def work() -> "Contents":
        return await asyncio.to_thread(verify_backup, file, key_file, _progress("read"))

    _show(_done(work()), as_json)
    say(f"{file} is whole and can be restored.")


def restore(
    file: BackupArgument,
    key_file: KeyFileOption,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a data directory from a backup, and fill DATABASE_URL if that is set.

    The directory must be empty or not there yet: nothing is ever overwritten. It appears when all of it is
    right. Then start the server on it, as the user that runs this. Runs that were active then are found lost,
    and retried as their pipelines say.
    """
    settings = read_settings({"data_dir": data_dir})
    from fastflow.main.backup import restore as restored

    contents = _done(restored(settings, file, key_file, _progress("restored")))
    _show(contents, as_json)
    say(f"restored into {settings.data_dir}. Start the server: fastflow up --data-dir {settings.data_dir}")


def _done(work: "Coroutine[Any, Any, Contents]") -> "Contents":
    import asyncio

    try:
        return asyncio.run(work)
    except FastFlowError as error:
        raise failure_of(error) from error


def _progress(done: str) -> "Callable[[int, int], None]":
    told = 0

    def report(files: int, size: int) -> None:
        nonlocal told
        if size - told >= _TOLD_EVERY_BYTES:
            told = size
            say(f"{done}: {files:,} files, {size / _MIB:,.0f} MiB")

    return report


def _show(contents: "Contents", as_json: bool) -> None:
    size = sum(kept.size_bytes for kept in contents.files.values())
    if as_json:
        told = contents.model_dump(mode="json", exclude={"files", "form"})
        emit_json({**told, "files": len(contents.files), "size_bytes": size})
        return
    emit_table(
        ("OF", "BY", "FILES", "SIZE", "RUNS"),
        [
            (
                f"{contents.made_at:%Y-%m-%d %H:%M:%S} UTC",
                f"Fast-Flow {contents.version}",
                f"{len(contents.files):,}",
                f"{size / _MIB:,.1f} MiB",
                f"{contents.rows.get('runs', 0):,}",
            )
        ],
    )


backup.verb("key", key, KEY_EXAMPLES)
backup.verb("create", create, CREATE_EXAMPLES)
backup.verb("verify", verify, VERIFY_EXAMPLES)
backup.verb("restore", restore, RESTORE_EXAMPLES)
