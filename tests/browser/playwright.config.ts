import { defineConfig } from "@playwright/test";
import { browser } from "./support/browser.ts";

export default defineConfig({
  outputDir: "results",
  workers: 2,
  // Generous, for machines that compile beside it: what works does not wait.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: { ...browser, trace: "retain-on-failure" },
  projects: [
    { name: "with JavaScript", testDir: ".", testMatch: ["anywhere/*.spec.ts", "scripted/*.spec.ts"] },
    { name: "without JavaScript", testDir: "anywhere", use: { javaScriptEnabled: false } },
  ],
});
