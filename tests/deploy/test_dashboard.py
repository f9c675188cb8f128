"""The dashboard draws figures that there are, with labels that they have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fastflow.api.prometheus import OwnFigures
from fastflow.domain.run import RunStatus
from fastflow.services.events import Events
from fastflow.services.figures import Figures
from fastflow.services.system import Load
from fastflow.store.database import Database

DASHBOARD = json.loads((Path(__file__).parents[2] / "deploy/grafana-dashboard.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
OF_THE_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total"}


@pytest.fixture
def families(sqlite_url: str) -> dict[str, Any]:
    figures = Figures(Events(Database(sqlite_url)))
    found = OwnFigures(Load({}, 0, 0), {}, figures, "1").collect()
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    return {f"{each.name}{end}": each for each in found for end in suffixes.get(each.type, [""])}


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_asks_for_what_there_is(query: str, families: dict[str, Any]) -> None:
    names = set(re.findall(r"\b(?:fastflow|process)_\w+", query))
    assert names
    assert names - OF_THE_PROCESS <= families.keys()
    statuses = set(re.findall(r'status="(\w+)"', query))
    assert statuses <= {status.value for status in RunStatus}
    for label in re.findall(r"[{,](\w+)=", query) + re.findall(r"by \((\w+)\)", query):
        if label != "le":
            assert any(label in families[name]._labelnames for name in names), label  # pyright: ignore[reportPrivateUsage]


def test_panels_do_not_overlap_and_fit() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert all(x < 24 for x, _ in cells)
        taken |= cells
