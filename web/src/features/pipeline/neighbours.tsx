import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import styles from "./pipeline.module.css";
import { graphQuery } from "./trigger_queries";

type Edge = Schemas["GraphEdgeView"];

/** Which pipelines start this one, and which it starts, each with the condition. */
export function Neighbours({ name }: { name: string }) {
  const { t } = useTranslation("pipeline");
  const query = useQuery(graphQuery);
  return (
    <Loaded query={query} rows={2}>
      {({ edges }) => {
        const before = edges.filter(({ to }) => to === name);
        const after = edges.filter(({ from }) => from === name);
        if (before.length + after.length === 0) return <p className={styles.meta}>{t("noChain")}</p>;
        return (
          <div className={styles.trends}>
            <Edges title={t("startedBy")} edges={before} nameOf={({ from }) => from} />
            <Edges title={t("starts")} edges={after} nameOf={({ to }) => to} />
          </div>
        );
      }}
    </Loaded>
  );
}

interface EdgesProps {
  title: string;
  edges: readonly Edge[];
  nameOf: (edge: Edge) => string;
}

function Edges({ title, edges, nameOf }: EdgesProps) {
  const { t } = useTranslation("pipeline");
  return (
    <div>
      <h3>{title}</h3>
      {edges.length === 0 && <p className={styles.meta}>{t("nobody")}</p>}
      <ul aria-label={title}>
        {edges.map((edge) => (
          <li key={nameOf(edge) + JSON.stringify(edge.on_routes)} className={styles.line}>
            {edge.is_known ? (
              <Link to="/pipelines/$name" params={{ name: nameOf(edge) }}>
                {nameOf(edge)}
              </Link>
            ) : (
              <span>{nameOf(edge)}</span>
            )}
            <Condition edge={edge} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Condition({ edge }: { edge: Edge }) {
  const { t } = useTranslation("pipeline");
  const { language } = useTranslation().i18n;
  const parts = [
    edge.on_success && edge.on_failure ? t("onEnd") : t(edge.on_success ? "onSuccess" : "onFailure"),
    edge.on_routes &&
      t("onRoutes", {
        routes: new Intl.ListFormat(language, { type: "disjunction" }).format(edge.on_routes),
      }),
    edge.run_config_id && t("withSettings", { id: edge.run_config_id }),
    !edge.is_known && t("isGone"),
  ];
  return <span className={styles.meta}>{parts.filter(Boolean).join(", ")}</span>;
}
