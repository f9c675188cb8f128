"""Story: whoever may push can break their own pipelines, and nothing else."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.server_watch import HealthProbe, files_with, memory_mib
from tests.server_process import ServerProcess, servers_on
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import (
    EXECUTABLE,
    FILE,
    FOLDER,
    LINK,
    SUBMODULE,
    GitRepository,
    TreeEntry,
    entry,
)

pytestmark = pytest.mark.timeout(400)  # a sync of 10,000 folders, and 120 MiB over a limit

ANSWERS_WITHIN: Final = 1.0
SHARE_OF_A_SYNC: Final = 0.25
"""Where the machine is slow, so that all takes longer: a loop that stands still waits for the whole sync."""
GROWS_BY_MIB: Final = 200
SYNCED_WITHIN: Final = 240
LIMIT_MB: Final = 100
OUTSIDE: Final = "what-no-repository-may-read-5d1f"
NO_COMMIT: Final = "1" * 40

BAD_NAMES: Final = {
    b"-rf": "-rf",
    b"..": "..",
    b"new\nline": "new\\nline",
    b"caf\xe9": "caf\\udce9",
    "\uff50ay\u202e".encode(): "\uff50ay\\u202e",
    "na\u0308h".encode(): "na\u0308h",
    b"x" * 300: "x" * 63 + "…",
    b"": "",
}
"""Folders as they are named, and how they are listed."""


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that appears if anything of the repository is executed."""
    return tmp_path / "executed"


@pytest.fixture
def server(tmp_path: Path, git_repository: GitRepository, git_http: GitHttpServer) -> Iterator[ServerProcess]:
    """`fastflow up` with a repository that holds one good pipeline."""
    git_repository.write("good/main.py", "print('good')")
    git_repository.commit_and_push()
    with servers_on(tmp_path) as make:
        server = make(
            {
                "FASTFLOW_EXECUTOR": "process",
                "FASTFLOW_PIPELINES_DIR": "",
                "FASTFLOW_UV_PRE_HEAT": "0",
                "FASTFLOW_GIT_REPO_URL": git_http.url("acme/pipelines"),
                "FASTFLOW_GIT_ALLOWED_PROTOCOLS": "http",
                "FASTFLOW_GIT_MAX_SIZE_MB": str(LIMIT_MB),
                "FASTFLOW_GIT_TIMEOUT_SECONDS": "60",
                "FASTFLOW_AUTO_SYNC_INTERVAL": "0",
            }
        )
        server.start()
        server.until_ready()
        server.until(lambda: set(pipelines(server)) == {"good"})
        yield server
        server.terminate()


def pipelines(server: ServerProcess) -> dict[str, Any]:
    return {pipeline["name"]: pipeline for pipeline in server.get("/api/pipelines")["pipelines"]}


def problem(pipeline: Any) -> str:
    return " ".join(each["message"] for each in pipeline["problems"])


def synced(server: ServerProcess) -> Any:
    """Sync; the server has to answer all the while, and to stay slim."""
    before, began = memory_mib(server), time.monotonic()
    with HealthProbe(server) as probe:
        server.call("POST", "/api/sync", {})
        server.until(lambda: newest(server)["status"] != "RUNNING", SYNCED_WITHIN)
    row, seconds = newest(server), time.monotonic() - began
    grown = memory_mib(server, "VmHWM") - before
    answers = f"the slowest of {probe.count} answers came after {probe.slowest:.3f} s"
    print(f"{row['message']!r} after {seconds:.1f} s: {answers}, memory {grown:+.0f} MiB")
    assert probe.slowest < max(ANSWERS_WITHIN, seconds * SHARE_OF_A_SYNC)
    assert grown < GROWS_BY_MIB
    return row


def newest(server: ServerProcess) -> Any:
    """Return the newest sync."""
    return server.get("/api/sync/log?limit=1")["syncs"][0]


def runs_well(server: ServerProcess) -> None:
    """The good pipeline is as good as before."""
    run_id = server.run("good")
    assert server.until_status(run_id, "SUCCESS", "FAILED")["status"] == "SUCCESS"
    assert server.raw_log(run_id) == b"good\n"


def push(repository: GitRepository, folders: dict[bytes, str], *others: TreeEntry) -> None:
    """Commit these folders, with the good one; names may be what Git itself would refuse."""
    good = tree(repository, entry(FILE, "main.py", repository.blob("print('good')")))
    entries = [TreeEntry(FOLDER, name, oid) for name, oid in {**folders, b"good": good}.items()]
    repository.commit_raw(repository.write_tree_raw([*entries, *others]))


def tree(repository: GitRepository, *entries: TreeEntry) -> str:
    return repository.write_tree_raw(entries)


def folder(repository: GitRepository, *entries: TreeEntry) -> str:
    """Store a folder with a `main.py` and these entries; return its tree."""
    return tree(repository, *entries, entry(FILE, "main.py", repository.blob("print()\n")))


def manifest(repository: GitRepository, text: str | bytes) -> str:
    return folder(repository, entry(FILE, "pipeline.json", repository.blob(text)))


def test_links_names_and_odd_entries_are_listed_with_a_reason_and_lead_nowhere(
    server: ServerProcess, git_repository: GitRepository, tmp_path: Path
) -> None:
    git, outside = git_repository, tmp_path / "outside"
    outside.mkdir()
    (outside / "main.py").write_text(f"print('{OUTSIDE}')")

    def link(target: Path | str) -> str:
        return git.blob(str(target))

    cases = {
        "main-out": (tree(git, entry(LINK, "main.py", link(outside / "main.py"))), "leads out"),
        "passwd": (tree(git, entry(LINK, "main.py", link("/etc/passwd"))), "leads out"),
        "file-out": (folder(git, entry(LINK, "data", link("../../../../outside/main.py"))), "data is a link"),
        "folder-out": (folder(git, entry(LINK, "lib", link(outside))), "lib is a link"),
        "mirror": (folder(git, entry(LINK, "lib", link("../../mirror.git"))), "lib is a link"),
        "up": (folder(git, TreeEntry(FILE, b"..", git.blob("x"))), "leads elsewhere"),
        "slash": (folder(git, TreeEntry(FILE, b"../../escaped", git.blob("x"))), "leads elsewhere"),
        "dot-git": (folder(git, TreeEntry(FOLDER, b".git", folder(git))), "keeps for itself"),
        "latin": (folder(git, TreeEntry(FILE, b"caf\xe9.py", git.blob("x"))), "not UTF-8"),
        "main-folder": (tree(git, entry(FOLDER, "main.py", folder(git))), "main.py is a folder"),
        "main-module": (tree(git, entry(SUBMODULE, "main.py", NO_COMMIT)), "main.py is a Git submodule"),
        "module": (folder(git, entry(SUBMODULE, "lib", NO_COMMIT)), "lib is a Git submodule"),
    }
    folders = {name.encode(): oid for name, (oid, _) in cases.items()}
    odd = {name: folder(git) for name in BAD_NAMES if name}
    links = [entry(LINK, "root", link("/")), entry(LINK, "home", link(outside))]
    push(git, {**folders, **odd, b"CON": folder(git)}, *links, entry(SUBMODULE, "gitlink", NO_COMMIT))
    assert synced(server)["status"] == "SUCCESS"

    found = pipelines(server)
    for name, (_, reason) in cases.items():
        assert reason in problem(found[name]), name
    for shown in filter(None, BAD_NAMES.values()):
        assert "can't be a pipeline's" in problem(found[shown]), shown
        assert shown.isprintable()
    assert "leads out" in problem(found["root"])
    assert "leads out" in problem(found["home"])
    assert "a Git submodule" in problem(found["gitlink"])
    valid = {name for name, pipeline in found.items() if pipeline["is_valid"]}
    assert valid == {"good", "CON"}
    assert len(found) == len(cases) + len(odd) + 5
    for name in cases:
        refused = server.call("POST", f"/api/pipelines/{name}/run", {})
        assert "id" not in refused, name
    runs_well(server)
    assert not files_with(server.data, OUTSIDE)
    assert not files_with(server.data, "root:x:0:0")
    assert not list(tmp_path.rglob("*escaped*"))


def test_hooks_filters_attributes_and_submodules_execute_and_fetch_nothing(
    server: ServerProcess, git_repository: GitRepository, marker: Path, tmp_path: Path
) -> None:
    git, touch = git_repository, f"touch {marker}"
    other = GitRepository(tmp_path / "other")
    other.write("main.py", f"print('{OUTSIDE}')")
    elsewhere = other.commit_and_push()
    evil = "".join(f"\t{key} = {touch}\n" for key in ("smudge", "clean", "process"))
    attributes = "* filter=evil diff=evil merge=evil text eol=crlf ident export-subst\n"
    settings = f'[filter "evil"]\n{evil}\trequired\n[core]\n\tfsmonitor = {touch}\n\thooksPath = hooks\n'
    code = (
        'import pathlib; print(pathlib.Path("main.py").read_bytes() == pathlib.Path("same").read_bytes())\n'
    )
    hook = git.blob(f"#!/bin/sh\n{touch}\n")
    names = ("post-checkout", "post-merge", "pre-receive", "reference-transaction", "post-index-change")
    hooks = tree(git, *(entry(EXECUTABLE, name, hook) for name in sorted(names)))
    # A pipeline that looks like a bare repository itself.
    bare = [
        entry(FILE, "HEAD", git.blob("ref: refs/heads/main\n")),
        entry(FILE, "config", git.blob(settings)),
        entry(FOLDER, "hooks", hooks),
        entry(FOLDER, "objects", tree(git, entry(FILE, "x", git.blob("")))),
        entry(FOLDER, "refs", tree(git, entry(FILE, "x", git.blob("")))),
    ]
    filtered = [
        entry(FILE, ".gitattributes", git.blob(attributes)),
        entry(FILE, ".gitconfig", git.blob(settings)),
        entry(FILE, "main.py", git.blob(code + "# $Id$ $Format:%H$\n")),
        entry(FILE, "same", git.blob(code + "# $Id$ $Format:%H$\n")),
    ]
    modules = f'[submodule "lib"]\n\tpath = lib\n\turl = {other.file_url}\n\tupdate = !{touch}\n'
    top = [
        entry(FILE, ".gitattributes", git.blob(attributes)),
        entry(FILE, ".gitmodules", git.blob(modules)),
        entry(SUBMODULE, "lib", elsewhere),
        entry(FOLDER, "hooks", hooks),
    ]
    push(git, {b"bare": folder(git, *bare), b"filtered": tree(git, *filtered)}, *top)
    assert synced(server)["status"] == "SUCCESS"
    assert {name for name, pipeline in pipelines(server).items() if pipeline["is_valid"]} == {
        "good",
        "bare",
        "filtered",
    }
    run_id = server.run("filtered")
    server.until_status(run_id, "SUCCESS")
    assert server.raw_log(run_id) == b"True\n", "no filter has touched a file"
    server.until_status(server.run("bare"), "SUCCESS")
    runs_well(server)
    assert not marker.exists()
    assert not files_with(server.data, OUTSIDE)
    assert not list((server.data / "repositories").glob("*/mirror.git/modules"))


def test_huge_files_trees_and_manifests_are_refused_within_the_limits(
    server: ServerProcess, git_repository: GitRepository
) -> None:
    git = git_repository
    empty, deep, bomb = git.blob(""), folder(git), folder(git)
    for _ in range(70):
        deep = tree(git, entry(FOLDER, "d", deep))
    for _ in range(8):
        bomb = tree(git, *(entry(FOLDER, f"{n}", bomb) for n in range(10)))
    many = tree(git, *(entry(FILE, f"{n:05}", empty) for n in range(10_001)))
    nested = "[" * 100_000 + "]" * 100_000
    wordy = json.dumps({"description": "x" * 900_000})
    cases = {
        "huge": folder(git, entry(FILE, "zeros", git.blob(bytes(400 * 1024**2)))),
        "deep": folder(git, entry(FOLDER, "d", deep)),
        "bomb": folder(git, entry(FOLDER, "d", bomb)),
        "many": folder(git, entry(FOLDER, "d", many)),
        "nested": manifest(git, nested),
        "nested-deep": manifest(git, '{"parameters":' * 50_000 + "1" + "}" * 50_000),
        "wordy": manifest(git, wordy),
        "wide": manifest(git, json.dumps({f"field-{n}": n for n in range(60_000)})),
        "fat": manifest(git, json.dumps({"description": "x" * 5_000_000})),
        "not-json": manifest(git, b"\xff\0" * 1000),
        "number": manifest(git, '{"timeout": ' + "9" * 400_000 + "}"),
    }
    push(git, {name.encode(): oid for name, oid in cases.items()})
    assert synced(server)["status"] == "SUCCESS"
    found = pipelines(server)
    assert "larger than 100 MiB" in problem(found["huge"])
    assert "nested more than 64 deep" in problem(found["deep"])
    assert "more than 10,000 files" in problem(found["bomb"])
    assert "more than 10,000 files" in problem(found["many"])
    for name in cases:
        assert not found[name]["is_valid"], name
        assert problem(found[name]), name
        assert len(json.dumps(found[name])) < 64 * 1024, name
    runs_well(server)


def test_ten_thousand_folders_are_listed_while_the_server_goes_on(
    server: ServerProcess, git_repository: GitRepository
) -> None:
    git = git_repository
    schedule = json.dumps({"schedule_cron": "0 3 * * *", "downstream_triggers": [{"pipeline": "good"}]})
    kinds = [
        folder(git),
        manifest(git, schedule),
        manifest(git, "{"),
        tree(git, entry(LINK, "main.py", git.blob("/etc/passwd"))),
    ]
    push(git, {f"p{n:04}".encode(): kinds[n % len(kinds)] for n in range(9_999)})
    row = synced(server)
    assert row["status"] == "SUCCESS", row
    status = server.get("/api/sync/status")["repositories"][0]
    assert (status["pipelines"], status["invalid_pipelines"]) == (10_000, 4_999)
    runs_well(server)


def test_what_is_over_a_limit_fails_with_its_name_and_what_was_there_stays(
    server: ServerProcess, git_repository: GitRepository, git_http: GitHttpServer
) -> None:
    git = git_repository
    noise = [os.urandom(60 * 1024**2) for _ in range(2)]
    push(git, {}, *(entry(FILE, f"noise-{n}", git.blob(block)) for n, block in enumerate(noise)))
    row = synced(server)
    assert (row["status"], row["code"]) == ("FAILED", "repository_too_large")
    assert "GIT_MAX_SIZE_MB" in row["message"]
    stored = sum(path.stat().st_size for path in (server.data / "repositories").rglob("*") if path.is_file())
    assert stored < 1024**2, "what was fetched of it is gone"
    runs_well(server)

    one = folder(git)
    push(git, {b"p%05d" % n: one for n in range(10_001)})
    row = synced(server)
    assert (row["status"], row["code"]) == ("FAILED", "repository_too_large")
    assert "PIPELINES_SUBDIR" in row["message"]
    assert set(pipelines(server)) == {"good"}
    runs_well(server)
    assert not git_http.said()
