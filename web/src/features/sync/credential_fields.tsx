import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { FieldErrors } from "@/components/form_dialog";
import { Field, Select, TextInput } from "@/ui/field";
import { SecretInput } from "@/ui/secret_input";
import { githubAppsQuery, type Repository } from "./queries";
import styles from "./sync.module.css";

type Authentication = Schemas["Authentication"];

const WAYS: Record<Authentication, true> = { none: true, token: true, deploy_key: true, github_app: true };

interface CredentialFieldsProps {
  repository: Repository | null;
  errors: FieldErrors;
}

/** Asks how the server gets in, and for what that needs. */
export function CredentialFields({ repository, errors }: CredentialFieldsProps) {
  const { t } = useTranslation("sync");
  const [way, setWay] = useState<Authentication>(repository?.authentication ?? "none");
  return (
    <>
      <Field label={t("access")} error={errors.authentication}>
        <Select
          name="authentication"
          value={way}
          onChange={(event) => setWay(event.target.value as Authentication)}
        >
          {(Object.keys(WAYS) as Authentication[]).map((each) => (
            <option key={each} value={each}>
              {t(`authentication.${each}`)}
            </option>
          ))}
        </Select>
      </Field>
      {way === "token" && <TokenFields repository={repository} errors={errors} />}
      {way === "deploy_key" && <p className={styles.aside}>{t("keyHint")}</p>}
      {way === "github_app" && <AppField repository={repository} errors={errors} />}
    </>
  );
}

function TokenFields({ repository, errors }: CredentialFieldsProps) {
  const { t } = useTranslation("sync");
  const isKept = repository?.authentication === "token" && repository.has_secret;
  return (
    <>
      <Field
        label={t("token")}
        hint={isKept ? `${t("tokenHint")} ${t("tokenKept")}` : t("tokenHint")}
        error={errors.token}
      >
        <SecretInput name="token" required={!isKept} words={{ show: t("show"), hide: t("hide") }} />
      </Field>
      <Field label={t("username")} hint={t("usernameHint")} error={errors.username}>
        <TextInput
          name="username"
          defaultValue={repository?.username ?? ""}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </Field>
    </>
  );
}

function AppField({ repository, errors }: CredentialFieldsProps) {
  const { t } = useTranslation("sync");
  const { data } = useQuery(githubAppsQuery);
  return (
    <Field
      label={t("app")}
      hint={data?.github_apps.length === 0 ? t("noApp") : undefined}
      error={errors.github_app}
    >
      <Select
        name="github_app"
        required
        defaultValue={repository?.github_app ?? undefined}
        key={String(data !== undefined)}
      >
        {data?.github_apps.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
    </Field>
  );
}
