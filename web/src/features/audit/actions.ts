import type { Schemas } from "@/api/client";

export type AuditAction = Schemas["AuditAction"];

/** Every action there is: one that is new to the API is missing here, and does not compile. */
const ALL: Record<AuditAction, true> = {
  "run.triggered": true,
  "run.cancelled": true,
  "run.retried": true,
  "schedule.created": true,
  "schedule.changed": true,
  "schedule.deleted": true,
  "schedule.paused": true,
  "schedule.resumed": true,
  "repository.created": true,
  "repository.changed": true,
  "repository.deleted": true,
  "repository.deploy_key_renewed": true,
  "repository.host_keys_pinned": true,
  "repository.sync_requested": true,
  "github_app.created": true,
  "github_app.changed": true,
  "github_app.deleted": true,
  "webhook_key.created": true,
  "webhook_key.changed": true,
  "webhook_key.revoked": true,
  "secret.created": true,
  "secret.changed": true,
  "secret.deleted": true,
  "secret.used": true,
  "secret.rotated": true,
  "user.created": true,
  "user.changed": true,
  "user.removed": true,
  "user.password_changed": true,
  "user.signed_in": true,
  "user.signed_out": true,
  "user.refresh_token_reused": true,
  "user.console_allowed": true,
  "identity.seen": true,
  "identity.linked": true,
  "identity.refused": true,
  "identity.forgotten": true,
  "token.created": true,
  "token.revoked": true,
  "signing_key.rotated": true,
  "environment.pruned": true,
  "environment.lock_upgraded": true,
};

type KindOf<Action extends string> = Action extends `${infer Kind}.${string}` ? Kind : never;
export type AuditKind = KindOf<AuditAction>;

export const ACTIONS = Object.keys(ALL) as AuditAction[];

/** What actions are done to, each once. */
export const KINDS = [...new Set(ACTIONS.map(kindOf))];

export function kindOf(action: AuditAction): AuditKind {
  return action.slice(0, action.indexOf(".")) as AuditKind;
}

/** Return the actions that a word of a filter means: one action, or all of a kind. */
export function actionsOf(word: string): AuditAction[] {
  return ACTIONS.filter((action) => action === word || kindOf(action) === word);
}
