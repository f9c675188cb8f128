"""The tables, one file a noun. Dumb on purpose: what goes in was validated at the edge."""

from fastflow.store.tables.attempts import AttemptRow
from fastflow.store.tables.events import EventRow
from fastflow.store.tables.pipelines import PipelineRow
from fastflow.store.tables.runs import RunRow
from fastflow.store.tables.statistics import DailyStatisticsRow

__all__ = ["AttemptRow", "DailyStatisticsRow", "EventRow", "PipelineRow", "RunRow"]
