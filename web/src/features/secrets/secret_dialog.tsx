import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { FormDialog } from "@/components/form_dialog";
import { textOf, textOrNull } from "@/components/form_values";
import { Field, Select, TextInput } from "@/ui/field";
import { SecretInput } from "@/ui/secret_input";
import { announce } from "@/ui/toast";
import { pipelinesQuery, putSecret, type Secret } from "./queries";

/** What a dialog is to be about: a secret that there is, or a new one. */
export type Wanted = { replaces: Secret } | { pipeline: string | null };

/** Asks for a value to store; it is not kept in the page afterwards. */
export function SecretDialog({ wanted, onClose }: { wanted: Wanted | null; onClose: () => void }) {
  const { t } = useTranslation("secrets");
  const queryClient = useQueryClient();
  const pipelines = useQuery(pipelinesQuery);
  const replaced = wanted !== null && "replaces" in wanted ? wanted.replaces : null;
  const preset = wanted !== null && "pipeline" in wanted ? wanted.pipeline : null;
  return (
    <FormDialog
      isOpen={wanted !== null}
      onClose={onClose}
      title={replaced ? t("replaceTitle", { name: replaced.name }) : t("addTitle")}
      verb={t("store")}
      submit={(values) =>
        replaced
          ? putSecret(replaced.name, replaced.pipeline_name, textOf(values, "value"))
          : putSecret(textOf(values, "name").trim(), textOrNull(values, "pipeline"), textOf(values, "value"))
      }
      onDone={({ name }) => {
        announce(t("stored", { name }));
        void queryClient.invalidateQueries({ queryKey: ["secrets"] });
        void queryClient.invalidateQueries({ queryKey: ["pipelines"] });
      }}
    >
      {(errors) => (
        <>
          {replaced ? (
            <p>{t("replaceHint")}</p>
          ) : (
            <>
              <Field label={t("name")} hint={t("nameHint")} error={errors.name}>
                <TextInput name="name" required autoComplete="off" autoCapitalize="none" spellCheck={false} />
              </Field>
              <Field label={t("for")} error={errors.pipeline_name}>
                <Select name="pipeline" defaultValue={preset ?? ""}>
                  <option value="">{t("everybody")}</option>
                  {pipelines.data?.pipelines.map(({ name }) => (
                    <option key={name}>{name}</option>
                  ))}
                </Select>
              </Field>
            </>
          )}
          <ValueField error={errors.value} />
        </>
      )}
    </FormDialog>
  );
}

/** The field that a secret value is typed into. */
export function ValueField({ error, hint }: { error?: string | undefined; hint?: string }) {
  const { t } = useTranslation("secrets");
  return (
    <Field label={t("value")} hint={hint ?? t("valueHint")} error={error}>
      <SecretInput name="value" required words={{ show: t("show"), hide: t("hide"), lines: t("lines") }} />
    </Field>
  );
}
