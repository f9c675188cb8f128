"""Writes the server's figures in Prometheus' text format."""

from collections.abc import Iterator, Mapping

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from fastflow.domain.histogram import Histogram
from fastflow.services.figures import Figures
from fastflow.services.statistics import DAYS, PipelineStatistics
from fastflow.services.system import Load


class OwnFigures(Collector):
    """Those of Fast-Flow alone."""

    def __init__(
        self, load: Load, sums: Mapping[str, PipelineStatistics], figures: Figures, version: str
    ) -> None:
        self._load = load
        self._sums = sums
        self._figures = figures
        self._version = version

    def collect(self) -> Iterator[Metric]:
        """Yield every family, whether there is anything in it or not."""
        yield from self._now()
        yield from self._since_the_start()

    def _now(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "fastflow_build_info", "The server's version; always 1.", labels=["version"]
        )
        build.add_metric([self._version], 1)
        yield build
        active = GaugeMetricFamily("fastflow_active_runs", "Runs that have not ended.", labels=["status"])
        for status, count in self._load.active_runs.items():
            active.add_metric([status], count)
        yield active
        yield GaugeMetricFamily("fastflow_slots", "Attempts that may run at once.", self._load.slots)
        yield GaugeMetricFamily(
            "fastflow_slots_in_use", "Attempts that hold a slot.", self._load.slots_in_use
        )
        ended = GaugeMetricFamily(
            "fastflow_ended_runs", f"Runs of the last {DAYS} days.", labels=["pipeline", "status"]
        )
        for name, sums in self._sums.items():
            for status, count in sums.runs.items():
                ended.add_metric([name, status], count)
        yield ended

    def _since_the_start(self) -> Iterator[Metric]:
        figures = self._figures
        runs = CounterMetricFamily(
            "fastflow_runs", "Runs that have ended since the server started.", labels=["pipeline", "status"]
        )
        for (pipeline, status), count in figures.runs.items():
            runs.add_metric([pipeline, status], count)
        yield runs
        yield _histogram(
            "fastflow_run_wait_seconds", "From the trigger of a run to its start.", figures.waited
        )
        yield _histogram(
            "fastflow_run_duration_seconds", "From the start of a run to its end.", figures.lasted
        )
        syncs = CounterMetricFamily(
            "fastflow_syncs",
            "Syncs that have ended since the server started.",
            labels=["repository", "status"],
        )
        for (repository, status), count in figures.syncs.items():
            syncs.add_metric([repository, status], count)
        yield syncs


def _histogram(name: str, meaning: str, values: Histogram) -> Metric:
    return HistogramMetricFamily(name, meaning, buckets=list(values.cumulative()), sum_value=values.sum)


def exposition(own: OwnFigures) -> tuple[bytes, str]:
    """Return the figures, of the process as well, and their media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(own)
    for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(collector)
    return generate_latest(registry), CONTENT_TYPE_LATEST
