import type { Schemas } from "@/api/client";
import { numberOrNull, textOf, textOrNull } from "@/components/form_values";
import type { Repository, RepositoryChange } from "./queries";

type Authentication = Schemas["Authentication"];

/** Return the repository that a form asks for. */
export function newRepository(values: FormData): Schemas["CreateRepository"] {
  const authentication = textOf(values, "authentication") as Authentication;
  return {
    name: textOf(values, "name").trim(),
    ...placeOf(values),
    authentication,
    ...credentialOf(authentication, values),
    known_hosts: "",
    is_enabled: true,
    push_secret: null,
  };
}

/**
 * Return what a form changes of a repository. A credential is sent along only where one was typed, or where
 * there is another kind of it now: the stored one stays.
 */
export function repositoryChange(repository: Repository, values: FormData): RepositoryChange {
  const authentication = textOf(values, "authentication") as Authentication;
  const isOther = authentication !== repository.authentication;
  const hasToken = authentication === "token" && textOrNull(values, "token") !== null;
  const isApp = authentication === "github_app";
  return {
    ...placeOf(values),
    is_enabled: values.get("is_enabled") !== null,
    ...(isOther && { authentication }),
    ...((isOther || hasToken || isApp) && credentialOf(authentication, values)),
  };
}

function placeOf(values: FormData) {
  return {
    url: textOf(values, "url").trim(),
    branch: textOrNull(values, "branch"),
    subdir: textOf(values, "subdir").trim(),
    sync_interval_seconds: numberOrNull(values, "interval"),
  };
}

function credentialOf(authentication: Authentication, values: FormData) {
  if (authentication === "token") {
    return { token: textOrNull(values, "token"), username: textOrNull(values, "username") };
  }
  if (authentication === "github_app") return { github_app: textOrNull(values, "github_app") };
  return {};
}
