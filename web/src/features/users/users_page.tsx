import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Guarded } from "@/components/guarded";
import { Loaded } from "@/components/loaded";
import { meQuery } from "@/components/permissions";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { FirstAccount } from "./first_account";
import { Identities } from "./identities";
import type { UsersTab } from "./search";
import { Tokens } from "./tokens";
import { Users } from "./users";

const route = getRouteApi("/users");

/** Who may sign in, and what programs sign in by. */
export function UsersPage() {
  const { t } = useTranslation(["users", "general"]);
  const query = useQuery(meQuery);
  const me = query.data;
  const state = me?.kind === "user" && t("you", { name: me.name, role: t(`general:role.${me.role}`) });
  return (
    <Page title={t("title")} state={state}>
      <Loaded query={query}>
        {(found) => (found.kind === "local" ? <FirstAccount /> : <Parts me={found} />)}
      </Loaded>
    </Page>
  );
}

function Parts({ me }: { me: Schemas["MeView"] }) {
  const { t } = useTranslation("users");
  const { tab } = route.useSearch();
  const navigate = useNavigate();
  const usual: UsersTab = me.may.includes("list_users") ? "users" : "tokens";
  return (
    <Tabs<UsersTab>
      label={t("tabs")}
      value={tab ?? usual}
      onChange={(value) => void navigate({ to: "/users", search: { tab: value }, replace: true })}
      tabs={[
        {
          value: "users",
          label: t("tab.users"),
          content: () => (
            <Guarded operation="list_users" needs="admin">
              <Users me={me} />
            </Guarded>
          ),
        },
        {
          value: "identities",
          label: t("tab.identities"),
          content: () => (
            <Guarded operation="list_identities" needs="admin">
              <Identities />
            </Guarded>
          ),
        },
        { value: "tokens", label: t("tab.tokens"), content: () => <Tokens me={me} /> },
      ]}
    />
  );
}
