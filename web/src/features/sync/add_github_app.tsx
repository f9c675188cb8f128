import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { FormDialog } from "@/components/form_dialog";
import { textOf, textOrNull } from "@/components/form_values";
import { Field, TextInput } from "@/ui/field";
import { SecretInput } from "@/ui/secret_input";
import { announce } from "@/ui/toast";

/** Asks for an App's id and private key. */
export function AddGitHubApp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("sync");
  const queryClient = useQueryClient();
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("addAppTitle")}
      verb={t("addApp")}
      submit={(values) => {
        const api_url = textOrNull(values, "api_url");
        return ask(
          client.POST("/api/github-apps", {
            body: {
              name: textOf(values, "name").trim(),
              app_id: textOf(values, "app_id").trim(),
              private_key: textOf(values, "private_key"),
              api_url: api_url ?? GITHUB,
            },
          }),
        );
      }}
      onDone={({ name }) => {
        announce(t("appAdded", { name }));
        void queryClient.invalidateQueries({ queryKey: ["github_apps"] });
      }}
    >
      {(errors) => (
        <>
          <Field label={t("name")} hint={t("nameHint")} error={errors.name}>
            <TextInput name="name" required autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Field>
          <Field label={t("appId")} error={errors.app_id}>
            <TextInput name="app_id" required autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Field>
          <Field label={t("privateKey")} hint={t("privateKeyHint")} error={errors.private_key}>
            <SecretInput
              name="private_key"
              required
              words={{ show: t("show"), hide: t("hide"), lines: t("lines") }}
            />
          </Field>
          <Field label={t("apiUrl")} hint={t("apiUrlHint")} error={errors.api_url}>
            <TextInput name="api_url" type="url" defaultValue={GITHUB} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}

const GITHUB = "https://api.github.com";
