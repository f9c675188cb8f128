import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Loaded } from "@/components/loaded";
import { Moment } from "@/components/time";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data_table";
import { Check } from "@/ui/form";
import { Empty } from "@/ui/notice";
import { Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import { NewToken } from "./new_token";
import { refreshPeople, revokeToken, type Token, tokensQuery } from "./queries";
import styles from "./tokens.module.css";

const route = getRouteApi("/users");

/** What programs sign in by. */
export function Tokens({ me }: { me: Schemas["MeView"] }) {
  const { t } = useTranslation(["users", "general"]);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const ofEverybody = route.useSearch().everybody ?? false;
  const query = useQuery(tokensQuery(ofEverybody));
  const [isMaking, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<Token | null>(null);
  const look = (isChecked: boolean) =>
    void navigate({ to: "/users", search: { tab: "tokens", ...(isChecked && { everybody: true }) } });
  return (
    <div className={styles.part}>
      <Section
        title={t("tokens")}
        isFlush
        actions={
          <Button kind="primary" icon={<Plus />} onClick={() => setMaking(true)}>
            {t("addToken")}
          </Button>
        }
      >
        <Loaded query={query}>
          {({ tokens }) =>
            tokens.length === 0 ? (
              <Empty title={t("noToken")}>{t("noTokenHint")}</Empty>
            ) : (
              <TokenTable tokens={tokens} withUser={ofEverybody} onRevoke={setDoomed} />
            )
          }
        </Loaded>
      </Section>
      {me.may.includes("list_users") && (
        <Check label={t("everybody")} isChecked={ofEverybody} onChange={look} />
      )}
      <p className={styles.hint}>{t("tokensHint")}</p>
      <NewToken me={me} isOpen={isMaking} onClose={() => setMaking(false)} />
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        title={t("revokeTitle", { name: doomed?.name ?? "" })}
        verb={t("revoke")}
        act={() => revokeToken(doomed as Token)}
        onDone={({ name }) => {
          announce(t("revoked", { name }));
          refreshPeople(queryClient);
        }}
      >
        {t("revokeHint")}
      </ConfirmDialog>
    </div>
  );
}

interface TokenTableProps {
  tokens: readonly Token[];
  withUser: boolean;
  onRevoke: (token: Token) => void;
}

function TokenTable({ tokens, withUser, onRevoke }: TokenTableProps) {
  const { t } = useTranslation(["users", "general"]);
  const user: Column<Token> = { head: t("user"), cell: (token) => token.user };
  return (
    <DataTable
      label={t("tokens")}
      rows={tokens}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t("name"),
          isName: true,
          cell: ({ name, kind }) => (kind === "console" ? `${name} (${t("kindConsole")})` : name),
        },
        { head: t("newTokenLabel"), cell: ({ hint }) => <code>…{hint}</code> },
        ...(withUser ? [user] : []),
        { head: t("role"), cell: ({ role }) => t(`general:role.${role}`) },
        {
          head: t("pipelines"),
          isText: true,
          cell: ({ pipelines }) => pipelines?.join(", ") ?? t("allPipelines"),
        },
        {
          head: t("used"),
          cell: ({ used_at }) => (used_at ? <Moment at={used_at} /> : t("general:never")),
        },
        { head: t("expires"), cell: ({ expires_at }) => <Moment at={expires_at} /> },
        {
          head: t("general:actions"),
          isActions: true,
          cell: (token) => (
            <Button kind="quiet" aria-label={`${t("revoke")} ${token.name}`} onClick={() => onRevoke(token)}>
              {t("revoke")}
            </Button>
          ),
        },
      ]}
    />
  );
}
