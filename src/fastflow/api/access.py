"""The table of access: who may call which route.

Every operation stands in `ACCESS` and every entry is an operation: `guard.check_table` fails the start
otherwise. `guard.GuardedRoute` enforces it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from fastflow.domain.actor import Actor, ActorKind
from fastflow.domain.role import Role


class Open(Enum):
    """Why an operation asks nobody for a role."""

    PUBLIC = "public"
    """It tells and changes nothing that is worth guarding, or it is the way to a credential."""
    OWN_CREDENTIAL = "own credential"
    """It brings a key or a signature that opens nothing else; its service looks at that."""
    PERSON = "person"
    """Whatever the role, but a person who signed in: no API token does this in somebody's name."""


Needed = Role | Open

ACCESS: Final[Mapping[str, Needed]] = {
    "openapi": Open.PUBLIC,
    "get_page": Open.PUBLIC,
    "get_health": Open.PUBLIC,
    "get_readiness": Open.PUBLIC,
    "get_manifest_schema": Open.PUBLIC,
    "get_set_up": Open.PUBLIC,
    "set_up": Open.PUBLIC,
    "sign_in": Open.PUBLIC,
    "refresh_session": Open.PUBLIC,
    "sign_out": Open.PUBLIC,
    "list_providers": Open.PUBLIC,
    "start_provider_sign_in": Open.PUBLIC,
    "end_provider_sign_in": Open.PUBLIC,
    "start_console_sign_in": Open.PUBLIC,
    "answer_console": Open.PUBLIC,
    "enter_console": Open.PUBLIC,
    "deliver_webhook": Open.OWN_CREDENTIAL,
    "deliver_push": Open.OWN_CREDENTIAL,
    "download_by_ticket": Open.OWN_CREDENTIAL,
    # Accounts
    "get_me": Role.VIEWER,
    "sign_out_everywhere": Open.PERSON,
    "change_password": Open.PERSON,
    "link_identity": Open.PERSON,
    "list_tokens": Open.PERSON,
    "create_token": Open.PERSON,
    "revoke_token": Open.PERSON,
    "list_users": Role.ADMIN,
    "create_user": Role.ADMIN,
    "change_user": Role.ADMIN,
    "remove_user": Role.ADMIN,
    "sign_user_out": Role.ADMIN,
    "list_identities": Role.ADMIN,
    "admit_identity": Role.ADMIN,
    "refuse_identity": Role.ADMIN,
    "forget_identity": Role.ADMIN,
    "rotate_signing_key": Role.ADMIN,
    # System
    "get_metrics": Role.VIEWER,
    "get_settings": Role.ADMIN,
    "get_about": Role.VIEWER,
    "get_doctor_report": Role.VIEWER,
    "stream_events": Role.VIEWER,
    # Audit log
    "list_audit": Role.ADMIN,
    "export_audit": Role.ADMIN,
    "verify_audit": Role.ADMIN,
    # What goes on
    "get_overview": Role.VIEWER,
    # Pipelines
    "list_pipelines": Role.VIEWER,
    "get_pipeline": Role.VIEWER,
    "get_readme": Role.VIEWER,
    "list_days": Role.VIEWER,
    "get_environment": Role.VIEWER,
    "get_graph": Role.VIEWER,
    "start_run": Role.OPERATOR,
    # Runs
    "list_runs": Role.VIEWER,
    "list_recent": Role.VIEWER,
    "get_run": Role.VIEWER,
    "get_comparison": Role.VIEWER,
    "read_log": Role.VIEWER,
    "search_log": Role.VIEWER,
    "download_log": Role.VIEWER,
    "create_download_ticket": Role.VIEWER,
    "stream_log": Role.VIEWER,
    "read_metrics": Role.VIEWER,
    "stream_metrics": Role.VIEWER,
    "cancel_run": Role.OPERATOR,
    "retry_run": Role.OPERATOR,
    # Environments
    "list_environments": Role.VIEWER,
    "show_environment": Role.VIEWER,
    "prune_environments": Role.ADMIN,
    "upgrade_lock": Role.EDITOR,
    # Schedules
    "list_schedules": Role.VIEWER,
    "list_upcoming": Role.VIEWER,
    "list_not_run": Role.VIEWER,
    "preview_schedule": Role.VIEWER,
    "get_schedule": Role.VIEWER,
    "list_next": Role.VIEWER,
    "list_occurrences": Role.VIEWER,
    "explain_minute": Role.VIEWER,
    "create_schedule": Role.EDITOR,
    "change_schedule": Role.EDITOR,
    "delete_schedule": Role.EDITOR,
    "pause_schedule": Role.EDITOR,
    "resume_schedule": Role.EDITOR,
    # Webhooks
    "list_pipeline_deliveries": Role.VIEWER,
    "list_repository_deliveries": Role.VIEWER,
    "list_webhook_keys": Role.EDITOR,
    "create_webhook_key": Role.EDITOR,
    "change_webhook_key": Role.EDITOR,
    "revoke_webhook_key": Role.EDITOR,
    # Secrets
    "list_secrets": Role.OPERATOR,
    "put_secret": Role.EDITOR,
    "delete_secret": Role.EDITOR,
    "encrypt_secret": Role.EDITOR,
    "rotate_keys": Role.ADMIN,
    # Repositories
    "list_repositories": Role.VIEWER,
    "get_repository": Role.VIEWER,
    "create_repository": Role.EDITOR,
    "change_repository": Role.EDITOR,
    "delete_repository": Role.EDITOR,
    "check_repository": Role.EDITOR,
    "list_host_keys": Role.EDITOR,
    "pin_host_keys": Role.EDITOR,
    "renew_deploy_key": Role.EDITOR,
    "list_github_apps": Role.VIEWER,
    "create_github_app": Role.EDITOR,
    "delete_github_app": Role.EDITOR,
    "list_installations": Role.EDITOR,
    # Syncs
    "get_sync_status": Role.VIEWER,
    "list_syncs": Role.VIEWER,
    "get_sync": Role.VIEWER,
    "start_sync": Role.EDITOR,
}
"""What each operation needs, by the name of its function."""


class Scope(Enum):
    """How an operation keeps to the pipelines of a credential that is for some of them only."""

    PIPELINE = "pipeline"
    """Its path names the pipeline."""
    RUN = "run"
    """Its path names a run."""
    SCHEDULE = "schedule"
    """Its path names a schedule."""
    NARROWED = "narrowed"
    """Its answer holds nothing of other pipelines: the service or the route sees to it."""


SCOPES: Final[Mapping[str, Scope]] = {
    "get_me": Scope.NARROWED,
    "get_overview": Scope.NARROWED,
    "list_pipelines": Scope.NARROWED,
    "get_pipeline": Scope.PIPELINE,
    "get_readme": Scope.PIPELINE,
    "list_days": Scope.PIPELINE,
    "get_environment": Scope.PIPELINE,
    "upgrade_lock": Scope.PIPELINE,
    "start_run": Scope.PIPELINE,
    "list_runs": Scope.NARROWED,
    "list_recent": Scope.NARROWED,
    "get_run": Scope.RUN,
    "get_comparison": Scope.RUN,
    "read_log": Scope.RUN,
    "search_log": Scope.RUN,
    "download_log": Scope.RUN,
    "create_download_ticket": Scope.RUN,
    "stream_log": Scope.RUN,
    "read_metrics": Scope.RUN,
    "stream_metrics": Scope.RUN,
    "cancel_run": Scope.RUN,
    "retry_run": Scope.RUN,
    "stream_events": Scope.NARROWED,
    "list_schedules": Scope.NARROWED,
    "list_not_run": Scope.NARROWED,
    "get_schedule": Scope.SCHEDULE,
    "list_next": Scope.SCHEDULE,
    "list_occurrences": Scope.SCHEDULE,
    "change_schedule": Scope.SCHEDULE,
    "delete_schedule": Scope.SCHEDULE,
    "pause_schedule": Scope.SCHEDULE,
    "resume_schedule": Scope.SCHEDULE,
    "create_schedule": Scope.PIPELINE,
    "explain_minute": Scope.PIPELINE,
    "list_pipeline_deliveries": Scope.PIPELINE,
    "list_webhook_keys": Scope.PIPELINE,
    "create_webhook_key": Scope.PIPELINE,
    "change_webhook_key": Scope.PIPELINE,
    "revoke_webhook_key": Scope.PIPELINE,
}
"""What a credential for some pipelines only may be used for. All others refuse it."""


def allowed(actor: Actor) -> list[str]:
    """Return the operations that ask for somebody and let this one in, by name.

    Without those of persons where nobody has an account yet: they would have nobody to be about.
    """
    return sorted(name for name, needed in ACCESS.items() if _lets_in(name, needed, actor))


def _lets_in(operation: str, needed: Needed, actor: Actor) -> bool:
    if actor.pipelines is not None and operation not in SCOPES:
        return False
    if isinstance(needed, Open):
        return needed is Open.PERSON and actor.kind is ActorKind.USER
    return actor.role is not None and actor.role.includes(needed)
