import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { type FieldErrors, FormDialog } from "@/components/form_dialog";
import { Field, TextInput } from "@/ui/field";
import { Check } from "@/ui/form";
import { CredentialFields } from "./credential_fields";
import { changeRepository, type Repository, refreshRepositories } from "./queries";
import { newRepository, repositoryChange } from "./repository_values";

interface RepositoryFormProps {
  /** null: a new one. */
  repository: Repository | null;
  isOpen: boolean;
  onClose: () => void;
  onDone: (repository: Repository) => void;
}

/** Asks where a repository is and how to get in. */
export function RepositoryForm({ repository, isOpen, onClose, onDone }: RepositoryFormProps) {
  const { t } = useTranslation(["sync", "general"]);
  const queryClient = useQueryClient();
  const send = (values: FormData): Promise<Repository> =>
    repository === null
      ? ask(client.POST("/api/repositories", { body: newRepository(values) }))
      : changeRepository(repository.name, repositoryChange(repository, values));
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={onClose}
      title={repository ? t("editTitle", { name: repository.name }) : t("addTitle")}
      verb={repository ? t("general:save") : t("add")}
      submit={send}
      onDone={(changed) => {
        refreshRepositories(queryClient);
        onDone(changed);
      }}
    >
      {(errors) => (
        <>
          {repository === null && (
            <Field label={t("name")} hint={t("nameHint")} error={errors.name}>
              <TextInput name="name" required autoComplete="off" autoCapitalize="none" spellCheck={false} />
            </Field>
          )}
          <Field label={t("url")} hint={t("urlHint")} error={errors.url}>
            <TextInput
              name="url"
              required
              defaultValue={repository?.url}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </Field>
          <CredentialFields repository={repository} errors={errors} />
          <PlaceFields repository={repository} errors={errors} />
          {repository && <Check name="is_enabled" label={t("isEnabled")} isChecked={repository.is_enabled} />}
        </>
      )}
    </FormDialog>
  );
}

function PlaceFields({ repository, errors }: { repository: Repository | null; errors: FieldErrors }) {
  const { t } = useTranslation("sync");
  return (
    <>
      <Field label={t("branch")} hint={t("branchHint")} error={errors.branch}>
        <TextInput
          name="branch"
          defaultValue={repository?.branch ?? ""}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </Field>
      <Field label={t("folder")} hint={t("folderHint")} error={errors.subdir}>
        <TextInput
          name="subdir"
          defaultValue={repository?.subdir}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </Field>
      <Field label={t("interval")} hint={t("intervalHint")} error={errors.sync_interval_seconds}>
        <TextInput
          name="interval"
          type="number"
          min={0}
          defaultValue={repository?.sync_interval_seconds ?? ""}
        />
      </Field>
    </>
  );
}
