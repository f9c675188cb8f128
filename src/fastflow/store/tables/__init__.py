"""The tables, one file a noun. Dumb on purpose: what goes in was validated at the edge."""

from fastflow.store.tables.accounts import ApiTokenRow, SessionRow, UserRow
from fastflow.store.tables.attempts import AttemptRow
from fastflow.store.tables.audit import AuditHorizonRow, AuditRow
from fastflow.store.tables.cursors import CursorRow
from fastflow.store.tables.deliveries import DeliveryRow, PayloadRow, WebhookKeyRow
from fastflow.store.tables.events import EventRow
from fastflow.store.tables.identities import IdentityRow
from fastflow.store.tables.pipelines import PipelineRow
from fastflow.store.tables.repositories import GitHubAppRow, RepositoryRow, SyncRow
from fastflow.store.tables.runs import RunRow
from fastflow.store.tables.schedules import OccurrenceRow, ScheduleRow
from fastflow.store.tables.secrets import SecretRow
from fastflow.store.tables.statistics import DailyStatisticsRow

__all__ = [
    "ApiTokenRow",
    "AttemptRow",
    "AuditHorizonRow",
    "AuditRow",
    "CursorRow",
    "DailyStatisticsRow",
    "DeliveryRow",
    "EventRow",
    "GitHubAppRow",
    "IdentityRow",
    "OccurrenceRow",
    "PayloadRow",
    "PipelineRow",
    "RepositoryRow",
    "RunRow",
    "ScheduleRow",
    "SecretRow",
    "SessionRow",
    "SyncRow",
    "UserRow",
    "WebhookKeyRow",
]
