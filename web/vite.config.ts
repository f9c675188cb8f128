/// <reference types="vitest/config" />
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = "../src/fastflow/web";
const PACKABLE = /\.(?:js|css|html|svg)$/;

/** Lays a packed copy beside each file that is worth it, so that the server packs nothing itself. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(OUT, { recursive: true, encoding: "utf8" })) {
        if (!PACKABLE.test(name)) continue;
        const path = join(OUT, name);
        const content = readFileSync(path);
        if (content.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(content));
      }
    },
  };
}

const SERVER = process.env.FASTFLOW_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { "@": "/src" } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0,
    // One stylesheet, small, there from the start: nothing is ever drawn before its look has arrived.
    cssCodeSplit: false,
  },
  server: { host: "127.0.0.1", proxy: { "/api": SERVER, "/ready": SERVER, "/health": SERVER } },
  test: { environment: "jsdom", setupFiles: ["src/testing/setup.ts"], include: ["src/**/*.test.{ts,tsx}"] },
});
