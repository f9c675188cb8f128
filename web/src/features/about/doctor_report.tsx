import { useQuery } from "@tanstack/react-query";
import { Stethoscope } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page";
import styles from "./about_page.module.css";
import { doctorQuery, type Finding } from "./queries";

const TONES: Record<Finding["verdict"], Tone> = { ok: "ok", warn: "waiting", fail: "problem" };

/** What a look at the server's machine finds, and what to do about it. */
export function DoctorReport() {
  const { t } = useTranslation("about");
  const query = useQuery(doctorQuery);
  return (
    <Section
      title={t("doctor")}
      isFlush
      actions={
        <Button icon={<Stethoscope />} isBusy={query.isFetching} onClick={() => void query.refetch()}>
          {t("again")}
        </Button>
      }
    >
      <Loaded query={query} rows={6}>
        {({ findings }) => (
          <>
            <p className={styles.sentence}>
              {t(findings.every(({ message }) => message === null) ? "onlyVerdicts" : "doctorHint")}
            </p>
            <DataTable
              label={t("doctor")}
              rows={findings}
              keyOf={({ name, message }) => `${name} ${message}`}
              columns={[
                { head: t("part"), isName: true, cell: ({ name }) => name },
                {
                  head: t("how"),
                  cell: ({ verdict }) => <Badge tone={TONES[verdict]}>{t(`verdict.${verdict}`)}</Badge>,
                },
                { head: t("says"), isText: true, cell: (finding) => <Words finding={finding} /> },
              ]}
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Words({ finding: { message, remedy } }: { finding: Finding }) {
  return (
    <div lang="en">
      {message}
      {remedy && <p className={styles.remedy}>{remedy}</p>}
    </div>
  );
}
