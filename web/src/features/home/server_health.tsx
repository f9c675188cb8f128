import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { bytesText } from "@/components/moment";
import { Said } from "@/components/said";
import { Moment } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Bar } from "@/ui/bar";
import { Mark } from "@/ui/mark";
import { Section } from "@/ui/page";
import { isDiskShort } from "./health";
import styles from "./home.module.css";

/** How each part of the server does. */
export function ServerHealth({ overview }: { overview: Schemas["OverviewView"] }) {
  const { t } = useTranslation("home");
  const { language } = usePreferences();
  const { checks, scheduler, disk, failed_syncs: syncs } = overview.health;
  const isDiskWell = !isDiskShort(disk);
  return (
    <Section title={t("health")} isFlush>
      <ul>
        {checks.map((check) => (
          <Part
            key={check.name}
            name={t(`checks.${check.name as "database"}`, { defaultValue: check.name })}
            isWell={check.is_ready}
          >
            <Said text={check.message} />
          </Part>
        ))}
        <Part name={t("checks.scheduler")} isWell={scheduler.is_alive}>
          {scheduler.ticked_at ? (
            <>
              {t("looked")} <Moment at={scheduler.ticked_at} />
            </>
          ) : (
            t("neverLooked")
          )}
        </Part>
        {disk && (
          <Part name={t("checks.disk")} isWell={isDiskWell}>
            {t("diskFree", {
              free: bytesText(disk.free_bytes, language),
              total: bytesText(disk.total_bytes, language),
            })}
            <Bar share={1 - disk.free_bytes / disk.total_bytes} tone={isDiskWell ? "plain" : "alarm"} />
          </Part>
        )}
        {syncs.map((sync) => (
          <Part key={sync.repository} name={t("syncOf", { repository: sync.repository })} isWell={false}>
            <Said code={sync.code} text={sync.message ?? ""} />{" "}
            {sync.failed_at && <Moment at={sync.failed_at} />}
          </Part>
        ))}
      </ul>
      <p className={styles.rest}>
        {t("version", { version: overview.version, executor: overview.executor })}
      </p>
    </Section>
  );
}

function Part({ name, isWell, children }: { name: string; isWell: boolean; children: ReactNode }) {
  const { t } = useTranslation("home");
  return (
    <li className={styles.part}>
      <Mark isWell={isWell} />
      <div>
        <span className={styles.name}>{name}</span>
        {!isWell && <span className="visually-hidden"> {t("notWell")}</span>}
        <div className={styles.meta}>{children}</div>
      </div>
    </li>
  );
}
