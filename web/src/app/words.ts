import { words as about } from "@/features/about/words";
import { words as account } from "@/features/account/words";
import { words as audit } from "@/features/audit/words";
import { words as home } from "@/features/home/words";
import { words as log } from "@/features/log/words";
import { words as pipeline } from "@/features/pipeline/words";
import { words as pipelines } from "@/features/pipelines/words";
import { words as run } from "@/features/run/words";
import { words as runs } from "@/features/runs/words";
import { words as schedules } from "@/features/schedules/words";
import { words as secrets } from "@/features/secrets/words";
import { words as settings } from "@/features/settings/words";
import { words as start } from "@/features/start/words";
import { words as sync } from "@/features/sync/words";
import { words as users } from "@/features/users/words";
import { general } from "@/i18n/general";
import { shell } from "./shell_words";

/** Every catalog, by the name that `useTranslation` takes. */
export const CATALOGS = {
  general,
  shell,
  account,
  home,
  log,
  pipelines,
  run,
  runs,
  schedules,
  sync,
  secrets,
  users,
  audit,
  settings,
  about,
  pipeline,
  start,
} as const;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "general";
    resources: { [Name in keyof typeof CATALOGS]: (typeof CATALOGS)[Name]["en"] };
  }
}
