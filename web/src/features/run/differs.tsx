import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Trouble } from "@/components/loaded";
import { usePreferences } from "@/preferences";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { changesIn, type Difference, usageIn } from "./differences";
import styles from "./differs.module.css";
import { comparisonQuery } from "./queries";
import page from "./run_page.module.css";

const FEW = 6;

/** What is not as it was when the pipeline last succeeded: where to look first when it failed. */
export function Differs({ runId }: { runId: string }) {
  const { t } = useTranslation("run");
  const { data, error, refetch } = useQuery(comparisonQuery(runId));
  if (data === undefined) return error && <Trouble error={error} onRetry={() => void refetch()} />;
  const baseline = data.baseline_run_id;
  if (baseline === null) return <p className={page.quiet}>{t("differs.never")}</p>;
  return (
    <Section title={t("differs.title")} isFlush>
      <Table comparison={data} baseline={baseline} />
    </Section>
  );
}

function Table({ comparison, baseline }: { comparison: Schemas["ComparisonView"]; baseline: string }) {
  const { t } = useTranslation("run");
  const { language } = usePreferences();
  const [isWhole, setWhole] = useState(false);
  const changes = changesIn(comparison, language);
  const shown = isWhole ? changes : changes.slice(0, FEW);
  const hidden = changes.length - shown.length;
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{t("differs.what")}</th>
            <th>
              <Link to="/runs/$runId" params={{ runId: baseline }}>
                {t("differs.last")}
              </Link>
            </th>
            <th>{t("differs.now")}</th>
          </tr>
        </thead>
        <tbody>
          {changes.length === 0 && (
            <tr>
              <td colSpan={3}>{t("differs.nothing")}</td>
            </tr>
          )}
          {shown.map((change) => (
            <Row key={`${change.kind} ${change.name}`} change={change} />
          ))}
        </tbody>
        <tbody className={styles.usage}>
          {usageIn(comparison, language).map((change) => (
            <Row key={change.kind} change={change} />
          ))}
        </tbody>
      </table>
      {hidden > 0 && (
        <div className={styles.more}>
          <Button kind="quiet" onClick={() => setWhole(true)}>
            {t("differs.more", { count: hidden })}
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ change }: { change: Difference }) {
  const { t } = useTranslation("run");
  const none = <span className={page.quiet}>{t("differs.none")}</span>;
  return (
    <tr>
      <th scope="row">{t(`differs.kind.${change.kind}`, { name: change.name })}</th>
      <td className={styles.before}>{change.before ?? none}</td>
      <td className={styles.after}>{change.after ?? none}</td>
    </tr>
  );
}
