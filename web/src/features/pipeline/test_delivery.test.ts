import { expect, test } from "vitest";
import { commandFor } from "./test_delivery";

test("the command delivers an empty object", () => {
  expect(commandFor("http://host/api/webhooks/report/key", null)).toBe(
    "curl -X POST 'http://host/api/webhooks/report/key' -H 'Content-Type: application/json' -d '{}'",
  );
});

test("where it has to be, the command is signed over the very body", () => {
  expect(commandFor("http://host/x", "whsec_it's")).toContain(
    `"X-Hub-Signature-256: sha256=$(printf '%s' '{}' | openssl dgst -sha256 -hmac 'whsec_it'\\''s'`,
  );
});
