import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/components/form_dialog";
import { textOf } from "@/components/form_values";
import { Loaded } from "@/components/loaded";
import { Moment } from "@/components/time";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Field, TextInput } from "@/ui/field";
import { Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import { PasswordField } from "./password_field";
import { ROLES, type Role, refreshPeople, type User, usersQuery } from "./queries";
import { RoleField } from "./role_field";
import { UserMenu } from "./user_menu";

/** The people who may sign in. */
export function Users({ me }: { me: Schemas["MeView"] }) {
  const { t } = useTranslation(["users", "general"]);
  const query = useQuery(usersQuery);
  const [isAdding, setAdding] = useState(false);
  return (
    <Section
      title={t("tab.users")}
      isFlush
      actions={
        <Button kind="primary" icon={<Plus />} onClick={() => setAdding(true)}>
          {t("addUser")}
        </Button>
      }
    >
      <Loaded query={query}>
        {({ users }) => (
          <DataTable
            label={t("tab.users")}
            rows={users}
            keyOf={({ id }) => id}
            columns={[
              {
                head: t("name"),
                isName: true,
                cell: ({ name }) => (name === me.name ? `${name} (${t("itsYou")})` : name),
              },
              { head: t("role"), cell: ({ role }) => t(`general:role.${role}`) },
              { head: t("state"), isText: true, cell: (user) => <State user={user} /> },
              {
                head: t("signedIn"),
                cell: ({ signed_in_at }) =>
                  signed_in_at ? <Moment at={signed_in_at} /> : t("general:never"),
              },
              { head: t("since"), cell: ({ created_at }) => <Moment at={created_at} /> },
              { head: t("general:actions"), isActions: true, cell: (user) => <UserMenu user={user} /> },
            ]}
          />
        )}
      </Loaded>
      <AddUser isOpen={isAdding} onClose={() => setAdding(false)} />
    </Section>
  );
}

function State({ user }: { user: User }) {
  const { t } = useTranslation("users");
  return (
    <>
      {user.is_enabled ? t("enabled") : <Badge tone="off">{t("disabled")}</Badge>}
      {!user.has_password && ` · ${t("noPassword")}`}
    </>
  );
}

function AddUser({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("users");
  const queryClient = useQueryClient();
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("addUserTitle")}
      verb={t("addUser")}
      submit={(values) =>
        ask(
          client.POST("/api/users", {
            body: {
              name: textOf(values, "name").trim(),
              role: textOf(values, "role") as Role,
              password: textOf(values, "password") || null,
            },
          }),
        )
      }
      onDone={({ name }) => {
        announce(t("added", { name }));
        refreshPeople(queryClient);
      }}
    >
      {(errors) => (
        <>
          <Field label={t("name")} error={errors.name}>
            <TextInput name="name" required autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Field>
          <RoleField roles={ROLES} initial="viewer" error={errors.role} />
          <PasswordField
            label={t("password")}
            hint={t("passwordOptional")}
            error={errors.password}
            isOptional
          />
        </>
      )}
    </FormDialog>
  );
}
