import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Field, Select, TextInput } from "@/ui/field";
import { FilterBar } from "@/ui/form";
import { ACTIONS, KINDS, kindOf } from "./actions";
import { type AuditFilter, without } from "./filter";

interface AuditFilterBarProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
}

/** While somebody types, nothing is asked yet. */
const PAUSE_MS = 300;

export function AuditFilterBar({ filter, onChange }: AuditFilterBarProps) {
  const { t } = useTranslation("audit");
  const full = { actor: "", action: "", target: "", pipeline: "", from: "", to: "", ...filter };
  const change = (name: keyof AuditFilter, value: string) => onChange(without({ ...full, [name]: value }));
  return (
    <FilterBar label={t("filter")}>
      <div>
        <TypedFilter label={t("actor")} value={full.actor} onChange={(value) => change("actor", value)} />
      </div>
      <div>
        <Field label={t("what")}>
          <Select value={full.action} onChange={(event) => change("action", event.target.value)}>
            <option value="">{t("everything")}</option>
            {KINDS.map((kind) => (
              <optgroup key={kind} label={t(`kind.${kind}`)}>
                <option value={kind}>{t("allOf", { kind: t(`kind.${kind}`) })}</option>
                {ACTIONS.filter((action) => kindOf(action) === kind).map((action) => (
                  <option key={action} value={action}>
                    {t(`action.${action}`)}
                  </option>
                ))}
              </optgroup>
            ))}
          </Select>
        </Field>
      </div>
      <div>
        <TypedFilter label={t("target")} value={full.target} onChange={(value) => change("target", value)} />
      </div>
      <div>
        <TypedFilter
          label={t("pipeline")}
          value={full.pipeline}
          onChange={(value) => change("pipeline", value)}
        />
      </div>
      <div>
        <Field label={t("from")}>
          <TextInput type="date" value={full.from} onChange={(event) => change("from", event.target.value)} />
        </Field>
      </div>
      <div>
        <Field label={t("to")}>
          <TextInput type="date" value={full.to} onChange={(event) => change("to", event.target.value)} />
        </Field>
      </div>
      {Object.keys(filter).length > 0 && (
        <Button kind="quiet" onClick={() => onChange({})}>
          {t("reset")}
        </Button>
      )}
    </FilterBar>
  );
}

function TypedFilter(props: { label: string; value: string; onChange: (value: string) => void }) {
  const { label, value, onChange } = props;
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <Field label={label}>
      <TextInput
        type="search"
        value={typed}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
    </Field>
  );
}
