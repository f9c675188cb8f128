import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Loaded } from "@/components/loaded";
import { Moment } from "@/components/time";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Empty } from "@/ui/notice";
import { Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import { AdmitDialog } from "./admit_dialog";
import { type Identity, identitiesQuery, pathOf, refreshPeople } from "./queries";

const TONES: Record<Identity["status"], Tone> = { pending: "active", admitted: "ok", refused: "off" };

interface Asked {
  deed: "admit" | "refuse" | "forget";
  identity: Identity;
}

/** Whom providers vouched for: who waits, who is a user, who is refused. */
export function Identities() {
  const { t } = useTranslation(["users", "general"]);
  const query = useQuery(identitiesQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <Section title={t("tab.identities")} isFlush>
      <Loaded query={query}>
        {({ identities }) =>
          identities.length === 0 ? (
            <Empty title={t("noIdentity")}>{t("noIdentityHint")}</Empty>
          ) : (
            <DataTable
              label={t("tab.identities")}
              rows={identities}
              keyOf={({ id }) => id}
              columns={[
                { head: t("who"), isName: true, cell: ({ login }) => login },
                { head: t("provider"), cell: ({ provider }) => provider },
                {
                  head: t("name"),
                  isText: true,
                  cell: ({ name, email }) => [name, email].filter(Boolean).join(" · "),
                },
                {
                  head: t("state"),
                  cell: ({ status, user }) => (
                    <Badge tone={TONES[status]}>{t(`identityStatus.${status}`, { user: user ?? "" })}</Badge>
                  ),
                },
                { head: t("seen"), cell: ({ seen_at }) => <Moment at={seen_at} /> },
                {
                  head: t("general:actions"),
                  isActions: true,
                  cell: (identity) => <Deeds identity={identity} onAsk={setAsked} />,
                },
              ]}
            />
          )
        }
      </Loaded>
      <Questions asked={asked} onClose={() => setAsked(null)} />
    </Section>
  );
}

function Deeds({ identity, onAsk }: { identity: Identity; onAsk: (asked: Asked) => void }) {
  const { t } = useTranslation("users");
  const want = (deed: Asked["deed"]) => onAsk({ deed, identity });
  return (
    <>
      {identity.status !== "admitted" && <Button onClick={() => want("admit")}>{t("admit")}</Button>}
      {identity.status !== "refused" && (
        <Button kind="quiet" onClick={() => want("refuse")}>
          {t("refuse")}
        </Button>
      )}
      <Button kind="quiet" onClick={() => want("forget")}>
        {t("forget")}
      </Button>
    </>
  );
}

function Questions({ asked, onClose }: { asked: Asked | null; onClose: () => void }) {
  const { t } = useTranslation("users");
  const queryClient = useQueryClient();
  const login = asked?.identity.login ?? "";
  const done = (text: string) => {
    announce(text);
    refreshPeople(queryClient);
  };
  return (
    <>
      <AdmitDialog
        identity={asked?.deed === "admit" ? asked.identity : null}
        onClose={onClose}
        onDone={() => done(t("admitted", { login }))}
      />
      <ConfirmDialog
        isOpen={asked?.deed === "refuse"}
        onClose={onClose}
        title={t("refuseTitle", { login })}
        verb={t("refuse")}
        act={() =>
          ask(
            client.POST("/api/identities/{identity_id}/refuse", {
              params: pathOf(asked?.identity as Identity),
            }),
          )
        }
        onDone={() => done(t("refusedNow", { login }))}
      >
        {t("refuseHint", { login })}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asked?.deed === "forget"}
        onClose={onClose}
        title={t("forgetTitle", { login })}
        verb={t("forget")}
        act={() =>
          ask(client.DELETE("/api/identities/{identity_id}", { params: pathOf(asked?.identity as Identity) }))
        }
        onDone={() => done(t("forgotten", { login }))}
      >
        {t("forgetHint", { login })}
      </ConfirmDialog>
    </>
  );
}
