import { render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { changePreferences } from "@/preferences";
import { ErrorNotice, Said } from "./said";

const problem = new Problem({ code: "last_admin", status: 409, detail: "ada is the last admin." });

afterEach(() => changePreferences({ language: "en" }));

test("in English an error is told in the server's own words", () => {
  changePreferences({ language: "en" });
  render(<ErrorNotice error={problem} />);
  expect(screen.getByRole("alert").textContent).toBe("ada is the last admin.");
});

test("in German its meaning comes first, and the facts in the server's words after it", () => {
  changePreferences({ language: "de" });
  render(<ErrorNotice error={problem} />);
  expect(screen.getByText("Das ist der letzte Admin. Mach erst jemand anderen dazu.")).toBeVisible();
  expect(screen.getByText("ada is the last admin.")).toHaveAttribute("lang", "en");
});

test("a code that the pages do not know leaves the server's words", () => {
  changePreferences({ language: "de" });
  render(<Said code="brand_new" text="Something new." />);
  expect(screen.getByText("Something new.")).toHaveAttribute("lang", "en");
});
