import { CircleAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { CopyButton } from "@/ui/copy_button";
import { Empty } from "@/ui/notice";
import { Section } from "@/ui/page";
import styles from "./pipeline.module.css";

type Problem = Schemas["ManifestProblemView"];

/** What the pipeline says of itself, and what is wrong with it. */
export function ManifestTab({ pipeline }: { pipeline: Schemas["PipelineView"] }) {
  const { t } = useTranslation(["pipeline", "general"]);
  const text = pipeline.manifest && JSON.stringify(pipeline.manifest, null, 2);
  return (
    <div className={styles.parts}>
      {pipeline.hint && <p lang="en">{pipeline.hint}</p>}
      {pipeline.problems.length > 0 && (
        <Section title={t("problems")}>
          <ul className={styles.answers}>
            {pipeline.problems.map((problem) => (
              <li key={`${problem.line}:${problem.column}:${problem.field}:${problem.message}`}>
                <ProblemLine problem={problem} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section
        title={t("manifest")}
        actions={text && <CopyButton text={text} label={t("general:copy")} doneLabel={t("general:copied")} />}
      >
        {text && text !== "{}" ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
          <pre className={styles.output} tabIndex={0}>
            {text}
          </pre>
        ) : (
          <Empty title={t(pipeline.is_valid ? "noManifest" : "manifestUnread")}>
            {t(pipeline.is_valid ? "noManifestHint" : "manifestUnreadHint")}
          </Empty>
        )}
      </Section>
    </div>
  );
}

function ProblemLine({ problem }: { problem: Problem }) {
  const { t } = useTranslation("pipeline");
  const isError = problem.severity === "error";
  const Sign = isError ? CircleAlert : TriangleAlert;
  const place = [
    problem.file,
    problem.line && t("line", { line: problem.line, column: problem.column ?? 1 }),
    problem.field,
  ];
  return (
    <div className={styles.problem} data-severity={problem.severity}>
      <Sign aria-label={t(isError ? "error" : "warning")} role="img" />
      <div>
        <p className={styles.message} lang="en">
          {problem.message}
        </p>
        {place.some(Boolean) && <p className={styles.meta}>{place.filter(Boolean).join(" · ")}</p>}
        {problem.remedy && <p lang="en">{problem.remedy}</p>}
      </div>
    </div>
  );
}
