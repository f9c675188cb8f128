"""A backup's inside: what was written is read, and what somebody else made leads nowhere."""

import io
import os
import tarfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fastflow.adapters.backup.archive import CONTENTS, Contents, Given, Kept, read_archive, write_archive
from fastflow.adapters.backup.sealing import make_key, opened, sealed
from fastflow.domain.errors import FastFlowError, Invalid

Add = Callable[[tarfile.TarFile], None]


def described(files: Mapping[str, Kept]) -> Contents:
    return Contents(
        version="1",
        schema_revision="0001",
        installation="x",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        rows={},
        files=files,
    )


def unheard(files: int, size: int) -> None:
    """Nobody is told."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    (root / "code/below").mkdir(parents=True)
    (root / "code").chmod(0o755)
    (root / "key").write_bytes(b"secret")
    (root / "key").chmod(0o600)
    (root / "code/main.py").write_bytes(b"print(1)" * 100_000)
    (root / "code/main.py").chmod(0o644)
    (root / "code/below/link").symlink_to("../main.py")
    return root


def archive_of(root: Path, *names: str) -> bytes:
    into = io.BytesIO()
    write_archive(into, (Given(name, root / name) for name in names), described, unheard)
    return into.getvalue()


def test_what_is_written_is_read_as_it_was(tree: Path, tmp_path: Path) -> None:
    names = ("key", "code", "code/main.py", "code/below/link", "gone meanwhile")
    raw = archive_of(tree, *names)
    into = tmp_path / "restored"
    contents = read_archive(io.BytesIO(raw), into, unheard)
    assert set(contents.files) == {"key", "code/main.py", "code/below/link"}
    assert (into / "code/main.py").read_bytes() == (tree / "code/main.py").read_bytes()
    assert os.readlink(into / "code/below/link") == "../main.py"
    modes = {name: (into / name).stat().st_mode & 0o777 for name in ("key", "code", "code/main.py")}
    assert modes == {"key": 0o600, "code": 0o755, "code/main.py": 0o644}
    before = sorted(tmp_path.rglob("*"))
    assert read_archive(io.BytesIO(raw), None, unheard) == contents
    assert sorted(tmp_path.rglob("*")) == before, "verifying writes nothing"


def test_of_a_file_that_grows_is_kept_what_it_has(tree: Path, tmp_path: Path) -> None:
    with (tree / "key").open("ab") as growing:

        def report(files: int, size: int) -> None:
            growing.write(b" and more")
            growing.flush()

        into = io.BytesIO()
        write_archive(
            into, iter([Given("key", tree / "key"), Given("again", tree / "key")]), described, report
        )
    read_archive(io.BytesIO(into.getvalue()), tmp_path / "restored", unheard)
    assert (tmp_path / "restored/key").read_bytes() == b"secret"
    assert (tmp_path / "restored/again").read_bytes() == b"secret and more"


def file(name: str, content: bytes = b"x", **details: object) -> Add:
    def add(tar: tarfile.TarFile) -> None:
        information = tarfile.TarInfo(name)
        information.size = len(content)
        for field, value in details.items():
            setattr(information, field, value)
        tar.addfile(information, io.BytesIO(content))

    return add


def contents(**files: Kept) -> Add:
    return file(CONTENTS, described(files).model_dump_json().encode())


NEWER = file(CONTENTS, described({}).model_copy(update={"form": 99}).model_dump_json().encode())


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ([file("../outside"), contents()], "backup_damaged"),
        ([file("/outside"), contents()], "backup_damaged"),
        ([file("a/../../outside"), contents()], "backup_damaged"),
        ([file("link", b"", type=tarfile.SYMTYPE, linkname="/etc"), contents()], "backup_damaged"),
        ([file("a/link", b"", type=tarfile.SYMTYPE, linkname="../../etc"), contents()], "backup_damaged"),
        ([file("link", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd"), contents()], "backup_damaged"),
        ([file("device", b"", type=tarfile.CHRTYPE), contents()], "backup_damaged"),
        ([file("pipe", b"", type=tarfile.FIFOTYPE), contents()], "backup_damaged"),
        ([file("more"), contents()], "backup_damaged"),
        ([contents(less=Kept(size_bytes=1, sha256="0"))], "backup_damaged"),
        ([file("a", b"altered"), contents(a=Kept(size_bytes=7, sha256="0" * 64))], "backup_damaged"),
        ([file("a")], "backup_damaged"),
        ([contents(), file("after")], "backup_damaged"),
        ([file(CONTENTS, b"{}")], "backup_damaged"),
        ([NEWER], "backup_newer"),
    ],
)
def test_what_somebody_else_made_is_refused_and_leads_nowhere(
    made: list[Add], code: str, tmp_path: Path
) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for add in made:
            add(tar)
    for into in (None, tmp_path / "below" / "restored"):
        with pytest.raises(Invalid) as refused:
            read_archive(io.BytesIO(raw.getvalue()), into, unheard)
        assert refused.value.code == code
    outside = [path for path in tmp_path.rglob("*") if "restored" not in path.parts and path.name != "below"]
    assert outside == []


def test_a_sealed_stream_is_opened_by_its_key_alone(tmp_path: Path) -> None:
    (key, recipient), (other, _) = make_key(), make_key()
    content = os.urandom(300_000)
    path = tmp_path / "sealed"
    with path.open("wb") as into, sealed(into, [recipient]) as stream:
        stream.write(content)
    assert path.read_bytes().startswith(b"age-encryption.org/v1\n")
    with path.open("rb") as source, opened(source, f"# a comment\n\n{key}\n") as stream:
        assert stream.read() == content
    with path.open("rb") as source, pytest.raises(FastFlowError) as refused, opened(source, other) as stream:
        stream.read()
    assert refused.value.code == "backup_not_readable"


@pytest.mark.parametrize("bad", ["nonsense", "age1nonsense", "ssh-ed25519 nonsense", ""])
def test_a_recipient_that_is_none_is_named(bad: str) -> None:
    with pytest.raises(Invalid) as refused, sealed(io.BytesIO(), [bad]):
        pass
    assert refused.value.code == "recipient_invalid"


def test_whoever_fails_while_writing_ends_the_stream() -> None:
    _, recipient = make_key()

    def fail() -> None:
        with sealed(io.BytesIO(), [recipient]) as stream:
            stream.write(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
