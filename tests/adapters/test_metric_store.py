"""Samples on disk: appended in batches, read from any position, unharmed by a torn end."""

import os
from pathlib import Path

import pytest

from fastflow.adapters.files.log_paths import attempt_file
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.adapters.files.metric_store import FileMetricStore
from fastflow.domain.errors import Invalid
from fastflow.domain.log import LogKey, Sample

KEY = LogKey("0193a1f0-0000-7000-8000-0000000000ab", 1)
SAMPLES = [Sample(1_700_000_000_000_000_000 + second, 12.5 * second, 1024 * second) for second in range(5)]


async def test_samples_come_back_as_they_were_from_any_position(tmp_path: Path) -> None:
    store = FileMetricStore(tmp_path)
    await store.append(KEY, SAMPLES[:2])
    await store.append(KEY, [])
    await store.append(KEY, SAMPLES[2:])
    assert await store.read(KEY) == SAMPLES
    assert await store.read(KEY, 3) == SAMPLES[3:]
    assert await store.read(KEY, 5) == []
    assert await store.read(KEY, 99) == []


async def test_an_attempt_without_samples_has_none(tmp_path: Path) -> None:
    assert await FileMetricStore(tmp_path).read(KEY) == []


async def test_attempts_of_one_run_keep_their_samples_apart(tmp_path: Path) -> None:
    store = FileMetricStore(tmp_path)
    await store.append(KEY, SAMPLES[:1])
    await store.append(KEY._replace(attempt=2), SAMPLES[1:2])
    assert await store.read(KEY) == SAMPLES[:1]
    assert await store.read(KEY._replace(attempt=2)) == SAMPLES[1:2]


async def test_a_torn_sample_is_ignored_and_then_overwritten(tmp_path: Path) -> None:
    store = FileMetricStore(tmp_path)
    await store.append(KEY, SAMPLES[:2])
    file = attempt_file(tmp_path, KEY, "metrics")
    whole = file.read_bytes()
    for torn_bytes in range(1, len(whole) // 2):
        file.write_bytes(whole[:-torn_bytes])
        assert await store.read(KEY) == SAMPLES[:1]
        await store.append(KEY, SAMPLES[1:3])
        assert await store.read(KEY) == SAMPLES[:3]


async def test_deleting_the_logs_of_a_run_deletes_its_samples(tmp_path: Path) -> None:
    store = FileMetricStore(tmp_path)
    await store.append(KEY, SAMPLES)
    await FileLogStore(tmp_path, 1024).delete(KEY.run_id)
    assert await store.read(KEY) == []


@pytest.mark.parametrize("run_id", ["../../etc", "", KEY.run_id.upper()])
async def test_only_a_uuid_becomes_a_path(tmp_path: Path, run_id: str) -> None:
    store = FileMetricStore(tmp_path)
    with pytest.raises(Invalid):
        await store.append(LogKey(run_id, 1), SAMPLES)
    with pytest.raises(Invalid):
        await store.read(LogKey(run_id, 1))
    assert os.listdir(tmp_path) == []
