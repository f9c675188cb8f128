import type { Schemas } from "@/api/client";

/** What a run was promised, as far as the page shows it. */
export interface Spec {
  timeoutSeconds: number | null;
  retryAttempts: number;
  cpuCores: number | null;
  memoryBytes: number | null;
  pythonVersion: string | null;
  defaultVariables: Record<string, string>;
  variables: Record<string, string>;
  secrets: readonly string[];
  parameters: Record<string, unknown>;
  givenParameters: Record<string, unknown>;
  /** Set by the manifest as ciphertexts; the API shows their names only. */
  encryptedVariables: Record<string, string>;
}

/** Read a run's spec. That of a run which was never accepted is empty. */
export function readSpec(spec: Schemas["RunDetail"]["spec"]): Spec {
  return {
    timeoutSeconds: numberOf(spec.timeout_seconds) || null,
    retryAttempts: numberOf(spec.retry_attempts) ?? 0,
    cpuCores: numberOf(spec.cpu_cores),
    memoryBytes: numberOf(spec.memory_bytes),
    pythonVersion: typeof spec.python_version === "string" ? spec.python_version : null,
    defaultVariables: textsOf(spec.default_variables),
    variables: textsOf(spec.variables),
    secrets: [...namesOf(spec.secrets), ...namesOf(spec.secret_files)],
    parameters: objectOf(spec.parameters),
    givenParameters: objectOf(spec.given_parameters),
    encryptedVariables: textsOf(spec.encrypted_variables),
  };
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([name, text]) => [name, String(text)]));
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
