"""The pipelines of an invented company, small but of every kind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

REPORT: Final = """
import json, os, time

wanted = json.load(open(os.environ["FASTFLOW_PARAMETERS_FILE"]))
print(f"Report for {wanted['region']}, {wanted['days']} days")
for step in ("orders", "refunds", "currencies", "totals"):
    print(f"\\x1b[36mreading\\x1b[0m {step}", flush=True)
    time.sleep(0.3)
print("\\x1b[32mdone\\x1b[0m 1,284 orders, 17 refunds")
"""
IMPORT: Final = """
import sys, time

ORDERS = [{"id": n, "total": n * 7.5} for n in range(400)] + [{"id": 400}]

def total(order):
    return order["total"]

def main():
    print(f"importing {len(ORDERS)} orders", flush=True)
    for order in ORDERS:
        if order["id"] % 100 == 0:
            print(f"order {order['id']}", flush=True)
            time.sleep(0.2)
        if order["id"] == 250:
            print("warning: order 250 has no customer", file=sys.stderr, flush=True)
        total(order)

main()
"""
WATCH: Final = """
import math, time

for tick in range(100_000):
    ballast = bytearray(int(24e6 + 16e6 * math.sin(tick / 9)))
    busy_until = time.monotonic() + 0.15 + 0.1 * math.sin(tick / 5)
    while time.monotonic() < busy_until:
        pass
    print(f"tick {tick}: EUR/USD {1.08 + math.sin(tick / 30) / 50:.4f}", flush=True)
    time.sleep(0.5)
"""
HUNGRY: Final = """
import time

print("loading features", flush=True)
held = []
for epoch in range(1000):
    held.append(bytearray(6_000_000))
    print(f"epoch {epoch}: loss {1 / (epoch + 1):.3f}", flush=True)
    time.sleep(0.2)
"""
QUICK: Final = 'import time\nprint("nothing to do", flush=True)\ntime.sleep(0.4)\n'
README: Final = """# Daily report

Sums up what was sold, and mails it to **finance** at six.

| source | owner |
|---|---|
| `orders` | shop |
| `refunds` | support |

If it fails, start it again for the same day: it replaces what it wrote.
"""


@dataclass(frozen=True)
class Demo:
    """A pipeline, and how its runs went until now."""

    name: str
    code: str
    manifest: Mapping[str, Any] | str
    seconds: float = 4
    """How long a run usually took."""
    a_day: int = 1
    failing: float = 0.02
    peak_bytes: int = 48_000_000
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    def write(self, folder: Path) -> None:
        """Lay it below the folder of pipelines."""
        place = folder / self.name
        place.mkdir(parents=True)
        text = self.manifest if isinstance(self.manifest, str) else json.dumps(self.manifest, indent=2)
        (place / "main.py").write_text(self.code)
        (place / "pipeline.json").write_text(text)
        for name, content in self.files.items():
            (place / name).write_text(content)


PIPELINES: Final = (
    Demo(
        "daily_report",
        REPORT,
        {
            "description": "Sums up sales and mails them to finance.",
            "tags": ["finance", "report"],
            "schedule_cron": "0 6 * * *",
            "timezone": "Europe/Berlin",
            "mem_hard_limit": "256m",
            "mem_soft_limit": "192m",
            "downstream_triggers": [{"pipeline": "mail_summary"}],
            "parameters": {
                "type": "object",
                "properties": {
                    "region": {
                        "type": "string",
                        "enum": ["EU", "US", "APAC"],
                        "default": "EU",
                        "description": "Where the orders were placed",
                    },
                    "days": {"type": "integer", "minimum": 1, "maximum": 31, "default": 1},
                    "dry_run": {"type": "boolean", "default": False, "description": "Mail nobody"},
                },
            },
        },
        seconds=74,
        files={"README.md": README},
        peak_bytes=150_000_000,
    ),
    Demo(
        "import_orders",
        IMPORT,
        {
            "description": "Takes new orders over from the shop.",
            "tags": ["shop"],
            "schedule_cron": "0 * * * *",
            "webhook_key": "Xo3cN6vQ2sLr8TbWm5yZ1uKe",
            "downstream_triggers": [{"pipeline": "sync_crm"}],
        },
        seconds=21,
        a_day=6,
        failing=0.06,
    ),
    Demo(
        "sync_crm",
        QUICK,
        {"description": "Writes customers to the CRM.", "tags": ["shop", "crm"], "secrets": ["CRM_TOKEN"]},
        seconds=9,
        a_day=6,
    ),
    Demo(
        "train_model",
        HUNGRY,
        {
            "description": "Learns which orders come back.",
            "tags": ["science"],
            "mem_hard_limit": "64m",
            "mem_soft_limit": "48m",
            "timeout": 3600,
        },
        seconds=640,
        failing=0.2,
        peak_bytes=61_000_000,
    ),
    Demo(
        "watch_prices",
        WATCH,
        {
            "description": "Follows exchange rates.",
            "tags": ["finance"],
            "mem_hard_limit": "128m",
            "mem_soft_limit": "60m",
            "cpu_hard_limit": 1,
        },
        seconds=3000,
    ),
    Demo("mail_summary", QUICK, {"description": "Mails what others found out.", "tags": ["mail"]}, seconds=3),
    Demo(
        "cleanup",
        QUICK,
        {"description": "Deletes what is older than a year.", "schedule_cron": "30 2 * * 0"},
        seconds=40,
        failing=0.1,
    ),
    Demo("thumbnails", QUICK, '{\n  "description": "Makes small pictures"\n  "tags": []\n}\n', a_day=0),
)
