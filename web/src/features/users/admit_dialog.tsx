import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/components/form_dialog";
import { textOf, textOrNull } from "@/components/form_values";
import { Field, Select, TextInput } from "@/ui/field";
import { type Identity, pathOf, ROLES, type Role, usersQuery } from "./queries";
import { RoleField } from "./role_field";

interface AdmitDialogProps {
  identity: Identity | null;
  onClose: () => void;
  onDone: () => void;
}

/** Asks who somebody is to be here: a new user, or one that there is. */
export function AdmitDialog({ identity, onClose, onDone }: AdmitDialogProps) {
  const { t } = useTranslation("users");
  const users = useQuery(usersQuery);
  const [user, setUser] = useState("");
  return (
    <FormDialog
      isOpen={identity !== null}
      onClose={() => {
        setUser("");
        onClose();
      }}
      title={t("admitTitle", { login: identity?.login ?? "" })}
      verb={t("admit")}
      submit={(values) =>
        ask(
          client.POST("/api/identities/{identity_id}/admit", {
            params: pathOf(identity as Identity),
            body: admissionOf(values),
          }),
        )
      }
      onDone={onDone}
    >
      {(errors) => (
        <>
          <Field label={t("admitAs")} error={errors.user}>
            <Select name="user" value={user} onChange={(event) => setUser(event.target.value)}>
              <option value="">{t("admitNew")}</option>
              {users.data?.users.map(({ name }) => (
                <option key={name} value={name}>
                  {t("admitUser", { name })}
                </option>
              ))}
            </Select>
          </Field>
          {user === "" && (
            <>
              <Field label={t("admitName")} hint={t("admitNameHint")} error={errors.name}>
                <TextInput name="name" autoComplete="off" autoCapitalize="none" spellCheck={false} />
              </Field>
              <RoleField roles={ROLES} initial="viewer" error={errors.role} />
            </>
          )}
        </>
      )}
    </FormDialog>
  );
}

function admissionOf(values: FormData): Schemas["AdmitIdentity"] {
  const user = textOrNull(values, "user");
  if (user !== null) return { user };
  return { name: textOrNull(values, "name"), role: textOf(values, "role") as Role };
}
