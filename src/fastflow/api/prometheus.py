"""Writes the server's figures in Prometheus' text format."""

from collections.abc import Iterator, Mapping

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from fastflow.services.statistics import DAYS, PipelineStatistics
from fastflow.services.system import Load


class _Figures(Collector):
    def __init__(self, load: Load, sums: Mapping[str, PipelineStatistics]) -> None:
        self._load = load
        self._sums = sums

    def collect(self) -> Iterator[GaugeMetricFamily]:
        active = GaugeMetricFamily("fastflow_active_runs", "Runs that have not ended.", labels=["status"])
        for status, count in self._load.active_runs.items():
            active.add_metric([status], count)
        yield active
        yield GaugeMetricFamily("fastflow_slots", "Attempts that may run at once.", self._load.slots)
        yield GaugeMetricFamily(
            "fastflow_slots_in_use", "Attempts that hold a slot.", self._load.slots_in_use
        )
        labels = ["pipeline", "status"]
        ended = GaugeMetricFamily("fastflow_ended_runs", f"Runs of the last {DAYS} days.", labels=labels)
        for name, sums in self._sums.items():
            for status, count in sums.runs.items():
                ended.add_metric([name, status], count)
        yield ended


def exposition(load: Load, sums: Mapping[str, PipelineStatistics]) -> tuple[bytes, str]:
    """Return the figures and their media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(load, sums))
    for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST
