import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { bytesText } from "@/components/moment";
import { meaningOf } from "@/components/said";
import { usePreferences } from "@/preferences";
import { Mark } from "@/ui/mark";
import { firstTrouble, type Trouble } from "./health";
import styles from "./home.module.css";

/** How the server does, in one line: the first thing that is wrong, and how much goes on. */
export function HealthLine({ overview }: { overview: Schemas["OverviewView"] }) {
  const { t } = useTranslation("home");
  const trouble = firstTrouble(overview);
  const { running_total: running, queued_total: waiting, slots } = overview;
  return (
    <p className={styles.line}>
      <span className={styles.verdict}>
        <Mark isWell={trouble === null} />
        {trouble === null ? t("allWell") : <Told trouble={trouble} />}
      </span>
      <span>{t("runningCount", { count: running })}</span>
      <span>{t("waitingCount", { count: waiting })}</span>
      <span>{t("slots", slots)}</span>
    </p>
  );
}

function Told({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation("home");
  const { language } = usePreferences();
  switch (trouble.kind) {
    case "notReady":
      return t("trouble.notReady", { reason: trouble.reason });
    case "scheduler":
      return t("trouble.scheduler");
    case "disk":
      return t("trouble.disk", { free: bytesText(trouble.freeBytes, language) });
    case "sync":
      return t("trouble.sync", {
        repository: trouble.repository,
        reason: meaningOf(trouble.code, language) ?? trouble.reason,
      });
    case "failed":
      return (
        <Link to="/runs" search={{ status: ["FAILED"], period: "24h" }}>
          {t("trouble.failed", { count: trouble.count })}
        </Link>
      );
  }
}
