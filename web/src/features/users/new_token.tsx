import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/components/form_dialog";
import { textOf } from "@/components/form_values";
import { ShownOnce } from "@/components/shown_once";
import { Copyable } from "@/ui/copyable";
import { Field, Select, TextInput } from "@/ui/field";
import { type Role, refreshPeople, rolesUpTo } from "./queries";
import { RoleField } from "./role_field";

const DAY_SECONDS = 86_400;
const DAYS = [7, 30, 90, 365] as const;
const USUAL_DAYS = "90";

interface NewTokenProps {
  me: Schemas["MeView"];
  isOpen: boolean;
  onClose: () => void;
}

/** Makes a token, and shows it this once. */
export function NewToken({ me, isOpen, onClose }: NewTokenProps) {
  const { t } = useTranslation(["users", "general"]);
  const queryClient = useQueryClient();
  const [made, setMade] = useState<Schemas["NewTokenView"] | null>(null);
  return (
    <>
      <FormDialog
        isOpen={isOpen}
        onClose={onClose}
        title={t("addTokenTitle")}
        verb={t("addToken")}
        submit={(values) => ask(client.POST("/api/tokens", { body: wantedOf(values) }))}
        onDone={(token) => {
          setMade(token);
          refreshPeople(queryClient);
        }}
      >
        {(errors) => (
          <>
            <Field label={t("tokenName")} hint={t("tokenNameHint")} error={errors.name}>
              <TextInput name="name" required autoComplete="off" />
            </Field>
            <RoleField roles={rolesUpTo(me.role)} initial="viewer" error={errors.role} />
            <Field label={t("pipelines")} hint={t("pipelinesHint")} error={errors.pipelines}>
              <TextInput name="pipelines" autoComplete="off" autoCapitalize="none" spellCheck={false} />
            </Field>
            <Field label={t("expires")} error={errors.expires_in_seconds}>
              <Select name="days" defaultValue={USUAL_DAYS}>
                {DAYS.map((days) => (
                  <option key={days} value={days}>
                    {t(`expiresIn.d${days}`)}
                  </option>
                ))}
              </Select>
            </Field>
          </>
        )}
      </FormDialog>
      <ShownOnce
        value={made?.token ?? null}
        title={t("newToken", { name: made?.name ?? "" })}
        label={t("newTokenLabel")}
        warning={t("newTokenWarning")}
        onClose={() => setMade(null)}
      >
        <h3>{t("tryIt")}</h3>
        <Copyable
          text={`curl -H "Authorization: Bearer ${made?.token ?? ""}" ${location.origin}/api/runs`}
          label={t("tryIt")}
          copyLabel={t("general:copy")}
          copiedLabel={t("general:copied")}
        />
      </ShownOnce>
    </>
  );
}

function wantedOf(values: FormData): Schemas["CreateToken"] {
  const pipelines = textOf(values, "pipelines")
    .split(/[\s,]+/)
    .filter(Boolean);
  return {
    name: textOf(values, "name").trim(),
    kind: "api",
    role: textOf(values, "role") as Role,
    pipelines: pipelines.length > 0 ? pipelines : null,
    expires_in_seconds: Number(textOf(values, "days")) * DAY_SECONDS,
  };
}
