"""Writes docs/benchmarks.md from what `make bench` and `make bench-others` have left in bench-results/."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from _targets import TARGETS, Target

RESULTS: Final = Path("bench-results")
REPORT: Final = Path("docs/benchmarks.md")
ENDURANCE_ROWS: Final = 10
LEFT, RIGHT = "---", "--:"

HEAD: Final = """
# Benchmarks

<!-- Written by bench/report.py; `make bench` and `make bench-others` make it anew. -->

Absolute figures belong to one machine, and a shared one is busier at one moment than at the next. Ratios are
to `docker run --rm IMAGE python3 -c 'print(1)'`, taken by turns in the same minutes; quote those. What the
figures mean, and why those that miss their goal do, is in [Performance](concepts/performance.md).
"""
OTHERS: Final = """
## Beside others

Each with a server of its own, its defaults, SQLite, the same program; asked over HTTP, run by run by turns,
while the others are idle beside it; burst, flood and crash of a fresh installation each. Ours starts a
container for each run, the others a process. Prefect's worker polls every second here, by default every
fifteen. Their documentation advises PostgreSQL for more than light use, which would help them with the burst.
"""
HOW: Final = """
## How to repeat it

```sh
make bench         # ours, half an hour; needs root on Debian, or a Docker Engine
make bench-others  # beside Prefect, Dagster and Airflow from PyPI, half an hour more
```

Both leave JSON in `bench-results/` and write this page. One alone: `.venv/bin/python bench/run_path.py`.
"""


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured, by the name of the benchmark."""

    folder: Path

    def __getitem__(self, name: str) -> Any:
        """Return what one has printed.

        Raises:
            SystemExit: it has not run.
        """
        path = self.folder / f"{name}.json"
        if not path.exists():
            raise SystemExit(f"{path} is missing: run `make bench` and `make bench-others` first")
        return json.loads(path.read_text())


def main() -> None:
    """Write the page."""
    results = Results(RESULTS)
    parts = [
        HEAD,
        _machine(results["machine"]),
        *_targets(results),
        OTHERS,
        *_others(results["compare"]),
        *_growth(results["growth"]),
        *_endurance(results["endurance"]),
        *_retention(results["retention"]),
        *_logs(results["run_path"], results["log_parsing"], results["log_store"]),
        HOW,
    ]
    REPORT.write_text("\n\n".join(part.strip() for part in parts) + "\n")
    print(f"{REPORT} is written anew", file=sys.stderr)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, texts: int = 1) -> str:
    """Return a table whose first columns are texts and the others numbers."""
    forms = [LEFT] * texts + [RIGHT] * (len(heads) - texts)
    lines = [heads, forms, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _machine(told: Mapping[str, Any]) -> str:
    runtime = "crun" if told["has_crun"] else "its default runtime"
    return (
        f"{told['date']} · commit `{told['commit']}` · {told['cores']} cores, {told['memory_gib']} GiB, load "
        f"average {told['load_average']} at the start · Linux {told['kernel']} · Docker Engine "
        f"{told['engine']}, cgroup v{told['cgroup']}, Fast-Flow's containers by {runtime} · "
        f"Python {told['python']} · SQLite"
    )


def _targets(results: Results) -> Iterator[str]:
    yield "## Against our targets"
    rows: list[Sequence[object]] = []
    for target in TARGETS:
        measured = target.measured(results)
        values = [target.shown(value) for value in (measured, target.good, target.goal)]
        rows.append([target.name, _verdict(target, measured), *values])
    yield _table(("figure", "", "measured", "good", "goal"), rows, texts=2)


def _verdict(target: Target, measured: float) -> str:
    if target.reaches(measured, target.goal):
        return "reached"
    return "good" if target.reaches(measured, target.good) else "**missed**"


def _others(told: Mapping[str, Any]) -> Iterator[str]:
    products: Mapping[str, Any] = told["products"]
    latency, floor = told["latency"], told["latency"]["docker run"]
    runs = next(of["burst"]["runs"] for of in products.values() if of["burst"])
    printed = next(of["flood"]["printed"] for of in products.values() if of["flood"])

    def row(title: str, cell: Callable[[Any], object], of_what: str = "") -> list[object]:
        """Return a row; a figure that a product could not give is a dash."""
        cells: list[object] = []
        for name, of in products.items():
            has_it = not of_what or of[of_what] is not None
            cells.append(cell({**of, **latency[name]}) if has_it else "—")
        return [title, *cells]

    def spread(what: str) -> list[list[object]]:
        return [
            row("… median", lambda of: _time(of[what]["median"])),
            row(
                "… fastest to slowest",
                lambda of: f"{_time(of[what]['fastest'])} to {_time(of[what]['slowest'])}",
            ),
        ]

    yield _machine(told["machine"])
    yield _table(
        ("", *(f"{name} {of['version']}" for name, of in products.items())),
        [
            row("a run gets", lambda of: of["isolation"]),
            row("trigger → first line at a client", lambda of: ""),
            *spread("first_line_seconds"),
            row("trigger → its end is told", lambda of: ""),
            *spread("end_seconds"),
            row(f"{runs} at once: accepted", lambda of: of["burst"]["accepted"], "burst"),
            row("… succeeded within 3 minutes", lambda of: of["burst"]["succeeded"], "burst"),
            row("… until the last of them", lambda of: _time(of["burst"]["seconds"]), "burst"),
            row("… answer to a trigger, p95", lambda of: f"{of['burst']['trigger_p95_ms']} ms", "burst"),
            row(f"{printed:,} lines: kept", lambda of: f"{of['flood']['kept']:,}", "flood"),
            row("… trigger → end", lambda of: _time(of["flood"]["seconds"]), "flood"),
            row("the newest 50 runs, p95", lambda of: f"{of['list_p95_ms']} ms", "list_p95_ms"),
            row("killed in mid-run, started anew: the run", _crash, "crash"),
            row("start of the server", lambda of: _time(of["start_seconds"])),
            row("memory, all processes: idle", lambda of: f"{of['idle_memory_mib']} MiB"),
            row("… after that burst", lambda of: f"{of['memory_after_burst_mib']} MiB", "burst"),
            row("processor idle", lambda of: f"{of['idle_percent_of_a_core']} % of a core"),
        ],
    )
    yield (
        f"In the same {told['rounds']} rounds `docker run` took "
        f"{_time(floor['first_line_seconds']['median'])} to the first line, "
        f"{_time(floor['end_seconds']['median'])} to its end. They were set up by:"
    )
    yield "\n".join(["```sh", *(line for of in products.values() for line in of["setup"]), "```"])


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _crash(of: Mapping[str, Any]) -> str:
    crash = of["crash"]
    if crash["outcome"] == "still running":
        return f"“running” after {crash['seconds'] / 60:.0f} min"
    return f"{crash['outcome']} after {crash['seconds']:.0f} s"


def _growth(told: Mapping[str, Any]) -> Iterator[str]:
    def figures(of: Mapping[str, Any]) -> list[object]:
        return [
            f"{of['first_line_ms']:.0f} ms",
            of["first_line_ratio"],
            of["end_ratio"],
            f"{of['list_p95_ms']} ms",
            f"{of['list_of_failed_p95_ms']} ms",
            f"{of['overview_p95_ms']} ms",
            f"{of['memory_mib']:.0f} MiB",
        ]

    heads = ("first line", "ratio", "end, ratio", "list, p95", "of failed, p95", "overview, p95", "memory")
    yield "## With ever more"
    yield f"Medians of {told['rounds']} rounds; containers made for their runs."
    for title, measured in (("runs in the database", told["history"]), ("pipelines", told["pipelines"])):
        rows = [[f"{int(count):,}", *figures(of)] for count, of in measured.items()]
        yield _table((title, *heads), rows, texts=0)
    crowds: Mapping[str, Any] = told["runs_at_once"]
    yield _table(
        ("at once, 10 slots", *crowds),
        [
            ["seconds for each", *(f"{of['seconds_each']:.2f}" for of in crowds.values())],
            ["median first line", *(_time(of["median_first_line_ms"] / 1000) for of in crowds.values())],
        ],
    )


def _endurance(told: Mapping[str, Any]) -> Iterator[str]:
    first, *between, last = told["seen"]
    step = max(1, len(between) // ENDURANCE_ROWS)
    yield "## One after the other"
    yield (
        f"{told['runs']:,} runs back to back, {told['runs_a_minute']} a minute, then {told['at_once']} at "
        "once. The containers and namespaces are those made ahead for the next runs."
    )
    yield _table(
        (
            "after runs",
            "memory",
            "descriptors",
            "threads",
            "to the Engine",
            "containers",
            "folders of attempts",
        ),
        [
            [
                f"{of['runs']:,}",
                f"{of['memory_mib']:.0f} MiB",
                of["descriptors"],
                of["threads"],
                of["engine_connections"],
                ", ".join(f"{count} {kind}" for kind, count in of["containers"].items()) or "none",
                of["attempt_directories"],
            ]
            for of in (first, *between[step - 1 :: step], last)
        ],
        texts=0,
    )


def _retention(told: Mapping[str, Any]) -> Iterator[str]:
    yield "## Deleting old runs"
    yield (
        f"{told['runs']:,} of them took {told['seconds']:.0f} s, while a page of runs was read twenty times "
        "a second and runs were started:"
    )
    yield _table(
        ("", "p95", "slowest"),
        [
            ["the newest 50 runs", f"{told['list_p95_ms']} ms", f"{told['list_slowest_ms']} ms"],
            ["answer to a trigger", f"{told['post_p95_ms']} ms", f"{told['post_slowest_ms']} ms"],
        ],
    )


def _logs(path: Mapping[str, Any], parsing: Mapping[str, Any], store: Mapping[str, Any]) -> Iterator[str]:
    log, hiding = path["log"], path["hiding"]
    page = (store["page_of_1000_lines_median_ms"], store["page_of_1000_lines_max_ms"])
    yield "## Logs"
    yield _table(
        ("what", "measured"),
        [
            [
                f"{log['lines']:,} lines, each written by itself, from a container to one SSE reader",
                f"{log['lines_per_second']:,} lines/s",
            ],
            ["… time, ratio to `docker run` into a pipe", log["ratio"]],
            [
                "… `/health` meanwhile, median and slowest",
                f"{log['health_median_ms']}, {log['health_slowest_ms']} ms",
            ],
            ["… growth of the server's memory", f"{log['server_memory_growth_mib']} MiB"],
            [f"… with ten secrets to hide, ratio of {hiding['rounds']} rounds", hiding["ratio"]],
            *(
                [
                    f"taking the Engine's stream apart, {name}",
                    f"{of['lines_per_core_second'] / 1e6:.1f} million lines/s of a core",
                ]
                for name, of in parsing.items()
            ),
            ["storing, in large pieces", f"{store['written_lines_per_second'] / 1e6:.1f} million lines/s"],
            [
                f"1,000 lines anywhere of {store['lines']:,}: median, slowest",
                f"{page[0]:.1f}, {page[1]:.1f} ms",
            ],
            ["searching 90 % of them", f"{store['search_to_90_percent_ms']:.0f} ms"],
        ],
    )


if __name__ == "__main__":
    main()
