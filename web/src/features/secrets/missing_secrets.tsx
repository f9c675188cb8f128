import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useRefusal } from "@/components/permissions";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page";
import { pipelinesQuery } from "./queries";

/** The field of a manifest whose warnings are about secrets that are not stored. */
const FIELD = "secrets";

/** Pipelines that can't start for want of a secret. Nothing where there are none. */
export function MissingSecrets({ onAdd }: { onAdd: (pipeline: string) => void }) {
  const { t } = useTranslation(["secrets", "general"]);
  const { data } = useQuery(pipelinesQuery);
  const refused = useRefusal("put_secret");
  const lacks = (data?.pipelines ?? []).flatMap(({ name, problems }) =>
    problems
      .filter(({ field, severity }) => field === FIELD && severity === "warning")
      .map(({ message }) => ({ pipeline: name, message })),
  );
  if (lacks.length === 0) return null;
  return (
    <Section title={t("missing")} isFlush>
      <DataTable
        label={t("missing")}
        rows={lacks}
        keyOf={({ pipeline, message }) => `${pipeline} ${message}`}
        columns={[
          { head: t("pipeline"), isName: true, cell: ({ pipeline }) => pipeline },
          { head: t("lack"), isText: true, cell: ({ message }) => message },
          {
            head: t("general:actions"),
            isActions: true,
            cell: ({ pipeline }) => (
              <Button refused={refused} onClick={() => onAdd(pipeline)}>
                {t("add")}
              </Button>
            ),
          },
        ]}
      />
    </Section>
  );
}
