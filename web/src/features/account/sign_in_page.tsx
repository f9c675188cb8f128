import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { setToken } from "@/api/session";
import { textOf } from "@/components/form_values";
import { ErrorNotice } from "@/components/said";
import { Button } from "@/ui/button";
import { Field, TextInput } from "@/ui/field";
import { EntryForm } from "./entry_form";
import styles from "./entry_form.module.css";
import { enter, providersQuery } from "./queries";

/** Asks who it is. Whoever signs in goes on at the address that stands in the browser. */
export function SignInPage({ hasEnded = false }: { hasEnded?: boolean }) {
  const { t } = useTranslation("account");
  const queryClient = useQueryClient();
  const { data: found } = useQuery(providersQuery);
  const signIn = useMutation({
    mutationFn: (values: FormData) =>
      ask(
        client.POST("/api/auth/login", {
          body: { name: textOf(values, "name"), password: textOf(values, "password") },
        }),
      ),
    onSuccess: (session) => {
      setToken(session.access_token);
      enter(queryClient, "signed_in");
    },
  });
  const next = encodeURIComponent(location.pathname + location.search);
  return (
    <EntryForm title={t("signIn")} intro={hasEnded ? t("ended") : undefined} onSubmit={signIn.mutate}>
      {signIn.error && <ErrorNotice error={signIn.error} />}
      <Field label={t("name")}>
        <TextInput name="name" autoComplete="username" autoCapitalize="none" required />
      </Field>
      <Field label={t("password")}>
        <TextInput name="password" type="password" autoComplete="current-password" required />
      </Field>
      <Button type="submit" kind="primary" isBusy={signIn.isPending}>
        {t("signIn")}
      </Button>
      {found && found.providers.length > 0 && <p className={styles.or}>{t("or")}</p>}
      {found?.providers.map(({ name, label, start_path }) => (
        <Button key={name} onClick={() => location.assign(`${start_path}?next=${next}`)}>
          {t("signInWith", { provider: label })}
        </Button>
      ))}
    </EntryForm>
  );
}
