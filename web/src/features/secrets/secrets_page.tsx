import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { KeyRound, Lock, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Guarded } from "@/components/guarded";
import { Loaded } from "@/components/loaded";
import { useRefusal } from "@/components/permissions";
import { Moment } from "@/components/time";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Empty } from "@/ui/notice";
import { Page, Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import { EncryptDialog } from "./encrypt_dialog";
import { MissingSecrets } from "./missing_secrets";
import { deleteSecret, type Secret, secretsQuery } from "./queries";
import { RotateDialog } from "./rotate_dialog";
import { SecretDialog, type Wanted } from "./secret_dialog";

/** Stored secrets: what there is, for whom, and when it was used; never a value. */
export function SecretsPage() {
  const { t } = useTranslation("secrets");
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [open, setOpen] = useState<"encrypt" | "rotate" | null>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={t("title")}
      state={t("state")}
      actions={
        <>
          <Button icon={<KeyRound />} refused={useRefusal("rotate_keys")} onClick={() => setOpen("rotate")}>
            {t("rotate")}
          </Button>
          <Button icon={<Lock />} refused={useRefusal("encrypt_secret")} onClick={() => setOpen("encrypt")}>
            {t("encrypt")}
          </Button>
          <Button
            kind="primary"
            icon={<Plus />}
            refused={useRefusal("put_secret")}
            onClick={() => setWanted({ pipeline: null })}
          >
            {t("add")}
          </Button>
        </>
      }
    >
      <Guarded operation="list_secrets" needs="operator">
        <MissingSecrets onAdd={(pipeline) => setWanted({ pipeline })} />
        <Stored onReplace={(secret) => setWanted({ replaces: secret })} />
      </Guarded>
      <SecretDialog wanted={wanted} onClose={() => setWanted(null)} />
      <EncryptDialog isOpen={open === "encrypt"} onClose={close} />
      <RotateDialog isOpen={open === "rotate"} onClose={close} />
    </Page>
  );
}

function Stored({ onReplace }: { onReplace: (secret: Secret) => void }) {
  const { t } = useTranslation(["secrets", "general"]);
  const query = useQuery(secretsQuery);
  const queryClient = useQueryClient();
  const [doomed, setDoomed] = useState<Secret | null>(null);
  const refused = useRefusal("put_secret");
  return (
    <Section title={t("table")} isFlush>
      <Loaded query={query}>
        {({ secrets }) =>
          secrets.length === 0 ? (
            <Empty title={t("empty")}>{t("emptyHint")}</Empty>
          ) : (
            <DataTable
              label={t("table")}
              rows={secrets}
              keyOf={({ name, pipeline_name }) => `${name}/${pipeline_name ?? ""}`}
              columns={[
                { head: t("name"), isName: true, cell: ({ name }) => <code>{name}</code> },
                { head: t("for"), isText: true, cell: (secret) => secret.pipeline_name ?? t("everybody") },
                { head: t("written"), cell: ({ changed_at }) => <Moment at={changed_at} /> },
                { head: t("used"), cell: (secret) => <LastUse secret={secret} /> },
                {
                  head: t("general:actions"),
                  isActions: true,
                  cell: (secret) => (
                    <>
                      <Button
                        kind="quiet"
                        refused={refused}
                        aria-label={t("replaceTitle", { name: secret.name })}
                        onClick={() => onReplace(secret)}
                      >
                        {t("replace")}
                      </Button>
                      <Button
                        kind="quiet"
                        refused={refused}
                        aria-label={`${t("general:delete")} ${secret.name}`}
                        onClick={() => setDoomed(secret)}
                      >
                        {t("general:delete")}
                      </Button>
                    </>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        title={t("deleteTitle", { name: doomed?.name ?? "" })}
        verb={t("general:delete")}
        act={() => deleteSecret(doomed as Secret)}
        onDone={({ name }) => {
          announce(t("deleted", { name }));
          void queryClient.invalidateQueries({ queryKey: ["secrets"] });
          void queryClient.invalidateQueries({ queryKey: ["pipelines"] });
        }}
      >
        {t("deleteHint")}
      </ConfirmDialog>
    </Section>
  );
}

function LastUse({ secret }: { secret: Secret }) {
  const { t } = useTranslation(["secrets", "general"]);
  if (secret.last_used_at === null) return t("general:never");
  return (
    <>
      <Moment at={secret.last_used_at} />
      {secret.last_run_id && (
        <>
          {" · "}
          <Link to="/runs/$runId" params={{ runId: secret.last_run_id }}>
            {t("usedBy")}
          </Link>
        </>
      )}
    </>
  );
}
