import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CATALOGS } from "./words";

/** Flatten a catalog to `{"a.b": "text"}`. */
function flat(catalog: object, prefix = ""): [string, string][] {
  return Object.entries(catalog).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as [string, string]] : flat(value, `${prefix}${key}.`),
  );
}

const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort();

test.each(Object.entries(CATALOGS))("%s is complete in both languages", (_, { en, de }) => {
  const english = new Map(flat(en));
  const german = new Map(flat(de));
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  for (const [key, text] of english) {
    const translated = german.get(key) ?? "";
    expect(text.trim(), `${key} in English`).not.toBe("");
    expect(translated.trim(), `${key} in German`).not.toBe("");
    expect(placeholders(translated), key).toEqual(placeholders(text));
  }
});

/** Names that are the same in every language, and signs. */
const NAMES = new Set(["Fast-Flow", "English", "Deutsch"]);

test("no text stands in a component: each goes through a catalog", () => {
  const root = join(import.meta.dirname, "..");
  const found: string[] = [];
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".tsx") || name.includes(".test.") || name.startsWith("testing")) continue;
    const code = readFileSync(join(root, name), "utf8");
    const texts = [
      ...code.matchAll(/<\w[^<>]*>\s*([A-Za-zÄÖÜäöü][^<>{}]*?)\s*</g),
      ...code.matchAll(/\b(?:aria-label|title|placeholder|alt|label)="([^"]+)"/g),
    ];
    for (const [, text = ""] of texts) if (!NAMES.has(text)) found.push(`${name}: ${text}`);
  }
  expect(found).toEqual([]);
});
