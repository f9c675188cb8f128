import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { CATALOGS } from "@/app/words";
import { startLanguage } from "@/i18n/language";
import { changePreferences } from "@/preferences";
import { server } from "./server";

startLanguage(CATALOGS);

// What a test asks of the server and no handler answers is a mistake of the test.
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
  changePreferences({ theme: "system", zone: "utc", language: "en" });
});
afterAll(() => server.close());
