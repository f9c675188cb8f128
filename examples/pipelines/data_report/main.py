"""Sums up a year of made-up sales with pandas and leaves a report as CSV and Markdown."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

DAYS = 365
SHOPS = ["Berlin", "Hamburg", "München"]

random = np.random.default_rng(seed=2026)
sales = pd.DataFrame(
    {
        "day": np.repeat(pd.date_range("2026-01-01", periods=DAYS), len(SHOPS)),
        "shop": np.tile(SHOPS, DAYS),
        "revenue": random.gamma(shape=9.0, scale=120.0, size=DAYS * len(SHOPS)).round(2),
    }
)
print(f"pandas {pd.__version__}, numpy {np.__version__}: {len(sales)} rows")

report = sales.groupby([sales["day"].dt.month.rename("month"), "shop"])["revenue"].sum().unstack().round(2)
print(report.to_string())

output = os.environ.get("FASTFLOW_OUTPUT_DIR")
if output:
    report.to_csv(Path(output) / "report.csv")
    best = report.sum().idxmax()
    summary = f"# Sales of 2026\n\nBest shop: **{best}** with {report[best].sum():,.2f} EUR.\n"
    (Path(output) / "report.md").write_text(summary, encoding="utf-8")
    print(f"Wrote report.csv and report.md to {output}")
