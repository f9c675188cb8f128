import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, PowerOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { errorOf } from "@/components/pipeline_error";
import { latestOf, recentQuery } from "@/components/recent_query";
import { Status } from "@/components/status";
import { Moment } from "@/components/time";
import { Tag } from "@/ui/tag";
import styles from "./pipeline.module.css";

const SHORT_COMMIT = 10;

/** Under the title: what state the pipeline is in, in words, and where it comes from. */
export function TitleState({ pipeline }: { pipeline: Schemas["PipelineView"] }) {
  const { t } = useTranslation("pipeline");
  const recent = useQuery(recentQuery([pipeline.name])).data?.pipelines[0];
  const last = recent && latestOf(recent);
  return (
    <div className={styles.state}>
      {pipeline.description && <p>{pipeline.description}</p>}
      <div className={styles.line}>
        {!pipeline.is_valid && (
          <span className={styles.bad}>
            <CircleAlert aria-hidden />
            {t("invalid", { reason: errorOf(pipeline) })}
          </span>
        )}
        {!pipeline.is_enabled && (
          <span className={styles.off}>
            <PowerOff aria-hidden />
            {t("disabled")}
          </span>
        )}
        {last && (
          <Link to="/runs/$runId" params={{ runId: last.id }} className={styles.last}>
            {t("lastRun")} <Status status={last.status} hasWord /> <Moment at={last.created_at} />
          </Link>
        )}
        {recent && !last && <span>{t("neverRan")}</span>}
        {recent?.next_due_at && (
          <span>
            {t("next")} <Moment at={recent.next_due_at} />
          </span>
        )}
      </div>
      <div className={styles.line}>
        <span className={styles.meta}>
          {pipeline.repository === null
            ? t("localFolder")
            : t("fromRepository", { name: pipeline.repository })}
          {pipeline.commit && (
            <>
              {" · "}
              <code title={pipeline.commit}>{pipeline.commit.slice(0, SHORT_COMMIT)}</code>
            </>
          )}
          {" · "}
          {t("changed")} <Moment at={pipeline.changed_at} />
        </span>
        {pipeline.tags.map((tag) => (
          <Link key={tag} to="/pipelines" search={{ tag: [tag] }} className={styles.tag}>
            <Tag>{tag}</Tag>
          </Link>
        ))}
      </div>
    </div>
  );
}
