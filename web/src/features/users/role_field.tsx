import { useTranslation } from "react-i18next";
import { Field, Select } from "@/ui/field";
import type { Role } from "./queries";

interface RoleFieldProps {
  roles: readonly Role[];
  initial: Role;
  error?: string | undefined;
}

/** Asks for a role, and says what each may do. */
export function RoleField({ roles, initial, error }: RoleFieldProps) {
  const { t } = useTranslation(["users", "general"]);
  return (
    <Field label={t("role")} error={error}>
      <Select name="role" defaultValue={initial}>
        {roles.map((role) => (
          <option key={role} value={role}>
            {t(`general:role.${role}`)}: {t(`roleHint.${role}`)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
