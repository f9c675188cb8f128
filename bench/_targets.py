"""The figures that we mean to reach, and where what was measured of them is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol


class Results(Protocol):
    """What benchmarks have printed, by their name."""

    def __getitem__(self, name: str) -> Any:
        """Return it."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """One figure."""

    name: str
    good: float
    goal: float
    measured: Callable[[Results], float]
    form: str = "{:.2f}"
    is_more_better: bool = False

    def reaches(self, measured: float, bound: float) -> bool:
        """Return whether the measured value is as good as that one, in the digits that are shown."""
        value = float(f"{measured:.3g}")
        return value >= bound if self.is_more_better else value <= bound

    def shown(self, value: float) -> str:
        """Return it with its unit."""
        return self.form.format(value)


def _latency(way: str, what: str) -> Callable[[Results], float]:
    return lambda results: results["run_path"]["latency"][way][what]


def _most_memory(results: Results) -> float:
    return max(seen["memory_mib"] for seen in results["endurance"]["seen"])


_MS: Final = "{:.0f} ms"
_MB: Final = "{:.0f} MiB"
_RATE: Final = "{:,.0f} lines/s"

TARGETS: Final[Sequence[Target]] = (
    Target(
        "trigger → first line at the SSE client, container made for the run, no-op: ratio",
        0.9,
        0.5,
        _latency("fastflow, no-op", "first_line_ratio"),
    ),
    Target("the same with `requests`", 1.3, 0.9, _latency("fastflow, requests", "first_line_ratio")),
    Target("trigger → terminal status, no-op: ratio", 1.1, 0.6, _latency("fastflow, no-op", "end_ratio")),
    Target(
        "first line from a container made ahead: ratio",
        0.25,
        0.1,
        _latency("fastflow, no-op, standby", "first_line_ratio"),
    ),
    Target(
        "terminal status from a container made ahead: ratio",
        0.4,
        0.25,
        _latency("fastflow, no-op, standby", "end_ratio"),
    ),
    Target(
        "16 at once from containers made ahead: median first line, ratio to 16 `docker run` at once",
        0.3,
        0.1,
        lambda results: results["run_path"]["sixteen_from_standby"]["first_line_ratio"],
    ),
    Target(
        "40 no-ops at once, 10 slots: makespan against `docker run`, ratio",
        1.2,
        1.05,
        lambda results: results["run_path"]["crowd"]["makespan_ratio"],
    ),
    Target(
        "our own share of a run: trigger to `create` sent, exit code to `end`",
        30,
        10,
        lambda results: results["run_path"]["own_share"]["sum_ms"],
        _MS,
    ),
    Target("POST, 40 at once, p95", 50, 20, lambda results: results["run_path"]["crowd"]["post_p95_ms"], _MS),
    Target(
        "server memory, idle",
        110,
        80,
        lambda results: results["run_path"]["server_memory_mib"]["idle_second_start"],
        _MB,
    ),
    Target("server memory, most of all in the endurance run", 110, 80, _most_memory, _MB),
    Target(
        "log, container → store → one SSE reader",
        100_000,
        300_000,
        lambda results: results["run_path"]["log"]["lines_per_second"],
        _RATE,
        is_more_better=True,
    ),
    Target(
        "list of runs, p95, with 1,000,000 runs",
        50,
        10,
        lambda results: results["growth"]["history"]["1000000"]["list_p95_ms"],
        _MS,
    ),
)
