import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";
import { Moderato } from "./moderato.ts";

export { expect };

/** The first administrator, as the fixture sets it up. */
export const ADMINISTRATOR = { name: "morgan", password: "correct horse battery staple" };

const THRESHOLDS = {
  /** Every comment waits for a person. */
  hold: { approveBelow: 0, rejectFrom: 1 },
  /** Every comment is published at once. */
  publish: { approveBelow: 1, rejectFrom: 1 },
};

type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;

interface OfWorker {
  /** What becomes of every comment in this file. */
  policy: keyof typeof THRESHOLDS;
  /** Files that name another house have a Moderato to themselves. */
  house: string;
  moderato: Moderato;
  session: Session;
}

interface OfTest {
  /** A moderator's page; `page` is a reader's. */
  desk: Page;
  calm: void;
}

export const test = base.extend<OfTest, OfWorker>({
  policy: ["hold", { scope: "worker", option: true }],
  house: ["shared", { scope: "worker", option: true }],

  moderato: [
    async ({ policy }, use) => {
      const moderato = await Moderato.start(THRESHOLDS[policy]);
      await use(moderato);
      await moderato.stop();
    },
    { scope: "worker" },
  ],

  // Made once, through the one-time link, as an owner does.
  session: [
    async ({ browser, moderato }, use) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(moderato.setup);
      await page.getByLabel("Name").fill(ADMINISTRATOR.name);
      await page.getByLabel("Password", { exact: true }).fill(ADMINISTRATOR.password);
      await page.getByLabel("Password again").fill(ADMINISTRATOR.password);
      await page.getByRole("button", { name: "Start moderating" }).click();
      await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
      const session = await context.storageState();
      await context.close();
      await use(session);
    },
    { scope: "worker" },
  ],

  baseURL: async ({ moderato }, use) => use(new URL("/", moderato.article).href),

  desk: async ({ browser, contextOptions, baseURL, session, javaScriptEnabled, colorScheme, viewport }, use) => {
    const context = await browser.newContext({
      ...contextOptions,
      baseURL,
      javaScriptEnabled,
      colorScheme,
      viewport,
      storageState: session,
    });
    const page = await context.newPage();
    const complaints = listen(context);
    await use(page);
    await context.close();
    expect(complaints, "errors in the moderator's console").toEqual([]);
  },

  // No page of ours may run into an error or into its own Content-Security-Policy.
  calm: [
    async ({ context }, use) => {
      const complaints = listen(context);
      await use();
      expect(complaints, "errors in the reader's console").toEqual([]);
    },
    { auto: true },
  ],
});

/** Collects what the pages of a context complain about. */
function listen(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on("console", (message) => {
    // Chromium logs every page that answers with an error status; those pages are meant, and so are refused decisions.
    const { url } = message.location();
    const ofPage = url === message.page()?.url() || /\/admin\/.*\b(decide|undo|reply|edit)$/.test(url);
    if (ofPage && message.text().startsWith("Failed to load resource")) return;
    if (["error", "warning"].includes(message.type())) {
      complaints.push(`${message.text()} (${message.location().url})`);
    }
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  return complaints;
}
