"""The kernel's accounting is found in every layout, and read as `docker stats` reads it."""

from pathlib import Path

import pytest

from fastflow.adapters.docker.cgroup_files import CgroupMeter, find_cgroup_files

ID = "ab" * 32
LAYOUTS = [f"docker/{ID}", f"system.slice/docker-{ID}.scope"]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_version_2_is_read_with_either_driver(tmp_path: Path, layout: str) -> None:
    write(tmp_path / layout / "memory.current", "1000\n")
    write(tmp_path / layout / "memory.stat", "anon 600\ninactive_file 300\n")
    write(tmp_path / layout / "cpu.stat", "usage_usec 5\nuser_usec 3\n")
    files = find_cgroup_files(ID, tmp_path)
    assert files is not None
    assert files.read() == (5_000, 700)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_version_1_is_read_with_either_driver(tmp_path: Path, layout: str) -> None:
    write(tmp_path / "memory" / layout / "memory.usage_in_bytes", "1000\n")
    write(tmp_path / "memory" / layout / "memory.stat", "inactive_file 1\ntotal_inactive_file 300\n")
    write(tmp_path / "cpuacct" / layout / "cpuacct.usage", "5000\n")
    files = find_cgroup_files(ID, tmp_path)
    assert files is not None
    assert files.read() == (5_000, 700)


def test_a_container_of_another_machine_has_no_files_here(tmp_path: Path) -> None:
    assert find_cgroup_files(ID, tmp_path) is None


def test_a_sample_is_the_use_since_the_last_one(tmp_path: Path) -> None:
    directory = tmp_path / "docker" / ID
    write(directory / "memory.current", "1000\n")
    write(directory / "memory.stat", "inactive_file 2000\n")
    write(directory / "cpu.stat", "usage_usec 1000000\n")
    files = find_cgroup_files(ID, tmp_path)
    assert files is not None
    meter = CgroupMeter(files)
    idle = meter.sample()
    assert (idle.cpu_percent, idle.memory_bytes) == (0, 0)
    write(directory / "cpu.stat", "usage_usec 2000000\n")
    assert meter.sample().cpu_percent > 100
    (directory / "cpu.stat").unlink()
    with pytest.raises(OSError, match=r"cpu\.stat"):
        meter.sample()
