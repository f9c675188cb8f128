import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { setToken } from "@/api/session";
import { textOf } from "@/components/form_values";
import { ErrorNotice } from "@/components/said";
import { entryQuery } from "@/features/account/queries";
import { Button } from "@/ui/button";
import { Field, TextInput } from "@/ui/field";
import { Form } from "@/ui/form";
import { Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import styles from "./first_account.module.css";
import { PasswordField } from "./password_field";

/** On a server without accounts: what that means, and the way to the first one. */
export function FirstAccount() {
  const { t } = useTranslation("users");
  const queryClient = useQueryClient();
  const making = useMutation({
    gcTime: 0, // what was sent is a password
    mutationFn: async (values: FormData) => {
      const account = { name: textOf(values, "name").trim(), password: textOf(values, "password") };
      await ask(client.POST("/api/setup", { body: { ...account, token: null } }));
      return ask(client.POST("/api/auth/login", { body: account }));
    },
    onSuccess: (session, values) => {
      setToken(session.access_token);
      queryClient.setQueryData(entryQuery.queryKey, "signed_in");
      // The pages stay open; what they show is asked for again, as the one who has just signed in.
      void queryClient.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== entryQuery.queryKey[0] });
      announce(t("made", { name: textOf(values, "name") }));
    },
  });
  return (
    <>
      <Section title={t("open")}>
        <p className={styles.text}>{t("openHint")}</p>
      </Section>
      <Section title={t("first")}>
        <div className={styles.form}>
          <p>{t("firstHint")}</p>
          <Form onSubmit={making.mutate}>
            {making.error && <ErrorNotice error={making.error} />}
            <Field label={t("name")}>
              <TextInput name="name" autoComplete="username" autoCapitalize="none" required />
            </Field>
            <PasswordField label={t("password")} hint={t("ownPasswordHint")} />
            <div>
              <Button type="submit" kind="primary" isBusy={making.isPending}>
                {t("make")}
              </Button>
            </div>
          </Form>
        </div>
      </Section>
    </>
  );
}
