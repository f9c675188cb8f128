"""A container is given what lies below the roots, whatever links say, then and at its start."""

from pathlib import Path

import pytest

from fastflow.docker_proxy.bind_sources import check_unmoved, resolve_again, resolve_below, resolve_same
from fastflow.docker_proxy.refusal import Refused

SETTING = "PROXY_READ_ROOTS"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "root"
    (root / "attempt").mkdir(parents=True)
    (root / "file").write_text("")
    (root.parent / "outside" / "attempt").mkdir(parents=True)
    (root.parent / "root-next-door").mkdir()
    return root


def test_a_folder_below_a_root_is_given_as_it_is(root: Path) -> None:
    assert resolve_below(str(root / "attempt"), (root,), SETTING).path == str(root / "attempt")


def test_a_link_within_the_root_is_given_as_what_it_leads_to(root: Path) -> None:
    (root / "link").symlink_to("attempt")
    assert resolve_below(str(root / "link"), (root,), SETTING).path == str(root / "attempt")


@pytest.mark.parametrize(
    "source",
    [
        "{root}",
        "{root}/..",
        "{root}/attempt/../attempt",
        "{root}//attempt",
        "{root}/attempt/",
        "{root}/./attempt",
        "{root}-next-door",
        "{root}/out",
        "{root}/out/attempt",
        "{root}/missing",
        "{root}/socket",
        "{root}/" + "a" * 5000,
        "attempt",
        "",
        "/",
    ],
)
def test_what_is_not_plainly_below_the_root_is_refused(root: Path, source: str) -> None:
    (root / "out").symlink_to("../outside")
    (root / "socket").symlink_to("/dev/null")
    with pytest.raises(Refused):
        resolve_below(source.format(root=root), (root,), SETTING)


def test_a_root_that_is_a_file_may_be_given_itself(root: Path) -> None:
    assert resolve_below(str(root / "file"), (root / "file",), SETTING).is_file


def test_a_root_is_where_it_was_when_the_proxy_started(root: Path) -> None:
    """Who can write the folder above a root replaces it by a link: nothing is below the root any more."""
    root.rename(root.with_name("old"))
    root.symlink_to("outside")
    with pytest.raises(Refused, match=SETTING):
        resolve_below(str(root / "attempt"), (root,), SETTING)
    with pytest.raises(Refused, match=SETTING):
        resolve_same(str(root), root, SETTING)


def test_a_folder_that_was_replaced_by_a_link_before_the_start_is_refused(root: Path) -> None:
    found = resolve_below(str(root / "attempt"), (root,), SETTING)
    check_unmoved([found])
    (root / "attempt").rename(root / "moved")
    (root / "attempt").symlink_to("../outside")
    with pytest.raises(Refused, match="replaced"):
        check_unmoved([found])
    with pytest.raises(Refused, match="replaced"):
        resolve_again([found.path])


def test_a_folder_that_was_replaced_by_another_before_the_start_is_refused(root: Path) -> None:
    found = resolve_below(str(root / "attempt"), (root,), SETTING)
    (root / "attempt").rename(root / "moved")
    (root / "attempt").mkdir()
    with pytest.raises(Refused, match="replaced"):
        check_unmoved([found])
