import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { textOf } from "@/components/form_values";
import { Loaded } from "@/components/loaded";
import { Button } from "@/ui/button";
import { Field, TextInput } from "@/ui/field";
import { FilterBar, Form } from "@/ui/form";
import { Section } from "@/ui/page";
import { Made } from "./ledger";
import styles from "./pipeline.module.css";
import { whyQuery } from "./schedule_queries";

interface WhyFormProps {
  name: string;
  /** The minute that was asked about. */
  at: string | undefined;
  onAsk: (at: string | undefined) => void;
}

/** Answers why the pipeline did, or did not, run at some minute. */
export function WhyForm({ name, at, onAsk }: WhyFormProps) {
  const { t } = useTranslation("pipeline");
  return (
    <Section title={t("whyNot")}>
      <div className={styles.stack}>
        <Form onSubmit={(values) => onAsk(textOf(values, "at") || undefined)}>
          <FilterBar label={t("whyNot")}>
            <Field label={t("minute")} hint={t("minuteHint")}>
              <TextInput key={at} name="at" type="datetime-local" required defaultValue={at} />
            </Field>
            <Button type="submit">{t("askWhy")}</Button>
          </FilterBar>
        </Form>
        {at && <Answers name={name} at={at} />}
      </div>
    </Section>
  );
}

function Answers({ name, at }: { name: string; at: string }) {
  const { t } = useTranslation("pipeline");
  const query = useQuery(whyQuery(name, at));
  return (
    <Loaded query={query} rows={2}>
      {({ answers }) => (
        <ul className={styles.answers} aria-label={t("answers")}>
          {answers.map((answer) => (
            <li key={answer.schedule_id}>
              <strong>{answer.key === "default" ? t("schedule") : answer.key}</strong>
              <p>{answer.sentence}</p>
              {answer.occurrence && <Made row={answer.occurrence} />}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
