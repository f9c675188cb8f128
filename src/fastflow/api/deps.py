"""What routes are given: the services, wired by main."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from fastflow.api.schemas.system import SettingView
from fastflow.api.sse import Closing
from fastflow.services.about import About
from fastflow.services.api_tokens import ApiTokens
from fastflow.services.audit_log import AuditLog
from fastflow.services.comparisons import Comparisons
from fastflow.services.console_sign_in import ConsoleSignIn
from fastflow.services.credentials import Credentials
from fastflow.services.deliveries import Deliveries
from fastflow.services.download_tickets import DownloadTickets
from fastflow.services.environment_store import EnvironmentStore
from fastflow.services.estimates import Estimates
from fastflow.services.events import Events
from fastflow.services.github_apps import GitHubApps
from fastflow.services.graph import PipelineGraph
from fastflow.services.health import HealthWatch
from fastflow.services.identities import Identities
from fastflow.services.ledger import Ledger
from fastflow.services.lock_upgrades import LockUpgrades
from fastflow.services.logs import Logs
from fastflow.services.overview import Overview
from fastflow.services.own_password import OwnPassword
from fastflow.services.pipeline_environments import PipelineEnvironments
from fastflow.services.pipelines import Pipelines
from fastflow.services.provider_sign_in import ProviderSignIn
from fastflow.services.push_webhooks import PushWebhooks
from fastflow.services.readmes import Readmes
from fastflow.services.recent import Recent
from fastflow.services.repositories import Repositories
from fastflow.services.rotation import KeyRotation
from fastflow.services.runs import Runs
from fastflow.services.schedules import Schedules
from fastflow.services.secrets import Secrets
from fastflow.services.sessions import Sessions
from fastflow.services.set_up import SetUp
from fastflow.services.sign_in import SignIn
from fastflow.services.statistics import Statistics
from fastflow.services.sync import Sync
from fastflow.services.sync_status import SyncStatuses
from fastflow.services.system import System
from fastflow.services.users import Users
from fastflow.services.webhook_keys import WebhookKeys
from fastflow.services.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class AccountServices:
    """Who may come in, and how they are recognised."""

    credentials: Credentials
    users: Users
    own_password: OwnPassword
    sessions: Sessions
    sign_in: SignIn
    provider_sign_in: ProviderSignIn
    console_sign_in: ConsoleSignIn
    identities: Identities
    set_up: SetUp
    api_tokens: ApiTokens


@dataclass(frozen=True, slots=True)
class PageServices:
    """What only the pages of the web app ask for."""

    overview: Overview
    estimates: Estimates
    health: HealthWatch
    recent: Recent
    readmes: Readmes
    about: About
    download_tickets: DownloadTickets
    environments: PipelineEnvironments
    comparisons: Comparisons


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API can ask for."""

    accounts: AccountServices
    runs: Runs
    pipelines: Pipelines
    repositories: Repositories
    github_apps: GitHubApps
    sync: Sync
    sync_statuses: SyncStatuses
    graph: PipelineGraph
    schedules: Schedules
    ledger: Ledger
    webhooks: Webhooks
    webhook_keys: WebhookKeys
    push_webhooks: PushWebhooks
    deliveries: Deliveries
    secrets: Secrets
    environment_store: EnvironmentStore
    lock_upgrades: LockUpgrades
    rotation: KeyRotation
    logs: Logs
    events: Events
    audit_log: AuditLog
    statistics: Statistics
    system: System
    pages: PageServices
    settings: tuple[SettingView, ...]
    closing: Closing


def _services(request: Request) -> Services:
    return request.app.state.services


UseServices = Annotated[Services, Depends(_services)]
