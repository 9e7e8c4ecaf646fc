import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Page } from "@playwright/test";
import { decide, flash, opened } from "../support/desk.ts";
import { comment, send, type } from "../support/reader.ts";
import { links } from "../support/mail.ts";
import { csv, labelledRows } from "../support/rows.ts";
import { ADMINISTRATOR, expect, test } from "../support/test.ts";

/** Addresses of the router that are no pages: files, feeds, figures and what scripts read; the first two only lead on. */
const NO_PAGES = [
  "/", "/admin", "/sites/{site}/comments", "/sites/{site}/comments.atom", "/assets/{file}", "/favicon.ico", "/openapi.json", "/healthz", "/readyz",
  "/metrics", "/admin/audit/export/{format}", "/admin/events", "/admin/models/training/{id}/progress",
];

/** Paths that were looked at here. */
const seen = new Set<string>();
/** Tests of this file that this worker has done. */
let done = 0;
test.afterEach(() => { done += 1; });

// A new page that nobody looks at fails here, once all that are looked at have been.
test.afterAll(() => {
  if (done < 16) return;
  const source = ["router.rs", "desk/mod.rs", "mail.rs"].map((file) => readFileSync(resolve(import.meta.dirname, "../../../src/web", file), "utf8"));
  const routes = [...source.join("").matchAll(/\.route\(\s*"([^"]+)",\s*get\(/g)].map(([, route]) => route);
  expect(routes.length).toBeGreaterThan(30);
  const missing = routes.filter((route) => {
    const path = new RegExp(`^${route.replace(/\{\w+\}/g, "[^/]+")}$`);
    return !NO_PAGES.includes(route) && ![...seen].some((one) => path.test(one));
  });
  expect(missing, "pages that axe never sees").toEqual([]);
});

/** Nothing serious for assistive technology, and nothing to scroll sideways for. */
async function check(page: Page, what: string) {
  seen.add(new URL(page.url()).pathname);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), what).toEqual([]);
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wider, `${what} is wider than the window`).toBeLessThanOrEqual(0);
}

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) => [320, 1280].map((width) => ({ colorScheme, width })));

// Once, because notices wait until undoing would be late.
test("where the links in mails lead", async ({ page, desk, moderato }) => {
  test.slow();
  const all = async (what: string) => {
    for (const { colorScheme, width } of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await check(page, `${what}, ${colorScheme}, ${width} px`);
    }
  };
  const mail = async (subject: string) => {
    await expect.poll(() => moderato.mails.find("morgan@example.org", subject), { timeout: 60_000 }).toBeDefined();
    return moderato.mails.find("morgan@example.org", subject);
  };
  await desk.goto("/admin/account");
  await desk.getByLabel("E-mail address").fill("morgan@example.org");
  await desk.locator("form", { has: desk.getByLabel("E-mail address") }).getByLabel("Your password").fill(ADMINISTRATOR.password);
  await desk.getByRole("button", { name: "Save the address" }).click();
  await check(desk, "account with an address");
  const [address] = links(await mail("Confirm"), "/mail/address/");
  await page.goto(address);
  await all("whether an address is theirs");
  await page.getByRole("button").click();
  await all("an address that is theirs");
  await desk.goto("/admin/account");
  await check(desk, "account with notices");
  await comment(page, { comment: "A comment that a mail tells of, at the far end of the pier.", author: "Nell Notice" });
  const held = await mail("for a moderator");
  const [approve, spam] = links(held, "/mail/decide/");
  await page.goto(approve);
  await all("a decision to make");
  await page.getByRole("button").click();
  await all("a decision that was made");
  await page.goto(spam);
  await all("a link that is too late");
  const [unsubscribe] = links(held, "/mail/unsubscribe/");
  await page.goto(unsubscribe);
  await all("whether to end notices");
  await page.getByRole("button").click();
  await all("notices that have ended");
  await page.goto("/mail/decide/nothing");
  await all("a link that leads nowhere");
});

for (const { colorScheme, width } of LOOKS) {
  test.describe(`${colorScheme}, ${width} px`, () => {
    test.use({ colorScheme, viewport: { width, height: 800 } });

    test("readers' pages", async ({ page, session, moderato }) => {
      expect(session.cookies).not.toHaveLength(0);
      await page.goto("/");
      await check(page, "article");
      await type(page, { comment: "With mistakes.", author: " ", email: "mia@example" });
      await send(page);
      await expect(page.getByRole("alert")).toBeVisible();
      await check(page, "form with errors");
      await comment(page, { comment: `Held for ${colorScheme} ${width}`, author: "Asta Access" });
      await check(page, "held comment");
      for (const path of ["/privacy/demo", "/docs", "/no/such/page", "/admin/sign-in", new URL(moderato.setup).pathname]) {
        await page.goto(path);
        await check(page, path);
      }
    });

    test("the desk's pages", async ({ page, desk }) => {
      test.slow();
      await comment(page, {
        comment: `Look at https://a-very-long-host-name-that-does-not-break.example/${"path/".repeat(30)} now`,
        author: `Wide ${colorScheme} ${width}`,
        email: "wide@example.org",
        url: "https://example.org/",
      });
      await desk.goto("/admin/");
      await check(desk, "queue");
      await desk.goto("/admin/?q=host&order=oldest");
      await desk.getByText("Save this list").click();
      await desk.getByLabel("Name", { exact: true }).fill(`${colorScheme} ${width}`);
      await check(desk, "a list to save");
      await desk.getByRole("button", { name: "Save" }).click();
      await expect(desk.getByRole("link", { name: `${colorScheme} ${width}` })).toHaveAttribute("aria-current", "page");
      await check(desk, "a list that was saved");
      await desk.getByText("Forget a list").click();
      await check(desk, "lists to forget");
      await desk.getByRole("button", { name: `Forget “${colorScheme} ${width}”` }).click();
      await desk.getByText("Because …").first().click();
      await check(desk, "reasons of a rejection");
      for (const what of ["Edit", "Reply"]) {
        await desk.getByRole("link", { name: what, exact: true }).first().click();
        await expect(desk.getByRole("heading", { name: new RegExp(`^${what}`) })).toBeVisible();
        await check(desk, what);
        await desk.goto("/admin/");
      }
      await desk.keyboard.press("j");
      await desk.keyboard.press("w");
      await expect(desk.getByRole("region", { name: "The account of the score" })).toBeVisible();
      for (const summary of await desk.locator(".account summary").all()) await summary.click();
      await check(desk, "queue with an account");
      await desk.getByRole("article").first().getByRole("link", { name: "open this comment" }).click();
      await check(desk, "comment");
      await desk.goto(await desk.getByRole("link", { name: "The whole account" }).getAttribute("href") ?? "");
      await check(desk, "account of a score");
      const account = desk.url();
      await desk.goto("/admin/bulk?verdict=spam");
      await check(desk, "many at once");
      const campaign = new URL(account).pathname.replace(/comments(.*)\/why$/, "campaigns$1");
      await desk.goto(campaign);
      await check(desk, "campaign");
      await desk.goto("/admin/?state=all&q=nothinglikethis");
      await check(desk, "empty list");
    });

    test("reports and figures", async ({ page, desk }) => {
      const wide = `Reported ${colorScheme} ${width}`;
      await comment(page, { comment: "See https://a-very-long-host-name-that-does-not-break.example/", author: wide });
      await desk.goto("/admin/?order=newest");
      await decide(desk, wide, "Approve");
      await expect(flash(desk)).toBeVisible();
      await page.goto("/");
      await page.getByRole("link", { name: `Report the comment by ${wide}` }).click();
      await expect(page.getByRole("button", { name: "Send the report" })).toBeVisible();
      await check(page, "report");
      await page.getByRole("radio", { name: "Something else" }).check();
      await page.getByRole("button", { name: "Send the report" }).click();
      await expect(page.getByRole("alert")).toBeVisible();
      await check(page, "report with a mistake");
      await page.getByRole("textbox", { name: "In your words" }).fill("under-every-article".repeat(20));
      await page.getByRole("button", { name: "Send the report" }).click();
      await expect(page.getByRole("status")).toBeVisible();
      await check(page, "report sent");
      await desk.goto("/admin/?state=reported");
      await expect((await opened(desk, wide)).getByRole("list", { name: "What readers reported" })).toBeVisible();
      await check(desk, "reported");
      await desk.goto("/admin/figures");
      await expect(desk.getByRole("img", { name: /Comments that came in/ })).toBeVisible();
      for (const summary of await desk.locator("main summary").all()) await summary.click();
      await check(desk, "figures");
    });

    test("thresholds and models", async ({ page, desk }) => {
      await comment(page, { comment: "One comment, to have a score.", author: `Scored ${colorScheme} ${width}` });
      await desk.goto("/admin/thresholds?approve_below=0.3&reject_from=0.9");
      for (const summary of await desk.locator("main summary").all()) await summary.click();
      await check(desk, "thresholds");
      await desk.goto("/admin/thresholds?approve_below=2&reject_from=0.9");
      await check(desk, "thresholds that cannot be");
      await desk.goto("/admin/models");
      await check(desk, "models");
      await desk.getByLabel("Labelled comments (CSV)").setInputFiles(csv("rows.csv", labelledRows(60)));
      await desk.getByRole("button", { name: "Upload and train" }).click();
      await expect(desk.getByRole("button", { name: "Promote" })).toBeVisible({ timeout: 60_000 });
      await check(desk, "training result");
      await desk.goto("/admin/models");
      await desk.getByRole("button", { name: "Try in the shadow" }).first().click();
      await check(desk, "models with a shadow");
      await desk.goto("/admin/models/shadow");
      await check(desk, "shadow");
      await desk.getByRole("button", { name: "Stop" }).click();
    });

    test("the rules' and authors' pages", async ({ page, desk }) => {
      const author = `Rula ${colorScheme} ${width}`;
      await comment(page, {
        comment: `Look at https://a-very-long-host-name-that-does-not-break.example/${"path/".repeat(30)} now`,
        author,
        email: "rula@example.org",
        url: "https://example.org/",
      });
      await desk.goto("/admin/?state=all&q=rula");
      await (await opened(desk, author)).getByRole("link", { name: /^ban/ }).click();
      await check(desk, "menu of bans");
      await desk.getByRole("button", { name: /^Link to a-very-long/ }).click();
      await check(desk, "comment after a ban");
      await desk.getByRole("link", { name: /first seen|new here/ }).click();
      await check(desk, "author");
      await desk.getByLabel("Effect").selectOption("trust");
      await desk.getByRole("button", { name: "See what it would hit" }).click();
      await check(desk, "preview of a rule");
      await desk.getByText("Change it first").click();
      await desk.getByLabel("What it looks at").selectOption({ label: "Name" });
      await desk.getByRole("button", { name: "See what it would hit" }).click();
      await check(desk, "rules, and one that cannot be");
      await desk.getByRole("row").filter({ hasText: "a-very-long" }).first().getByRole("button", { name: /^End/ }).click();
      await desk.getByText("Rules that are over").click();
      await check(desk, "rules that are over");
    });

    test("the people's pages", async ({ desk }) => {
      const name = `invited-${colorScheme}-${width}`;
      await desk.goto("/admin/people");
      await check(desk, "people");
      await desk.getByLabel("Name").fill(name);
      await desk.getByRole("button", { name: "Make the link" }).click();
      const link = await desk.getByLabel(`Link for ${name}`).inputValue();
      await desk.getByText(`Change ${name}`).click();
      await check(desk, "people with a link");
      await desk.goto("/admin/keys");
      await desk.getByLabel("What it is for").fill(name);
      await desk.getByRole("button", { name: "Make the key" }).click();
      await expect(desk.getByLabel(`Key for ${name}`)).toHaveValue(/^[0-9a-f]{12}$/);
      await check(desk, "keys");
      await desk.goto("/admin/log-only");
      await check(desk, "log only");
      await desk.goto("/admin/audit");
      await check(desk, "audit");
      await desk.goto("/admin/webhooks");
      await check(desk, "webhooks");
      await desk.getByLabel("Address").fill("https://127.0.0.1/");
      await desk.getByRole("button", { name: "Add it" }).click();
      await expect(desk.getByRole("alert")).toContainText("private network");
      await check(desk, "webhooks with a mistake");
      await desk.getByLabel("Address").fill("https://hooks.invalid/a-long-path");
      await desk.getByRole("button", { name: "Add it" }).click();
      await expect(desk.getByLabel("Secret")).toHaveValue(/^whsec_/);
      await check(desk, "webhooks with a secret");
      await desk.getByRole("link", { name: "hooks.invalid" }).first().click();
      await desk.getByRole("button", { name: "Send a test" }).click();
      await expect(desk.getByRole("rowheader", { name: "test" }).first()).toBeVisible();
      await check(desk, "webhook");
      await desk.goto("/admin/account");
      await check(desk, "account");
      await desk.getByLabel("Present password").fill("wrong password");
      await desk.getByLabel("New password", { exact: true }).fill("another password");
      await desk.getByLabel("New password again").fill("something else");
      await desk.getByRole("button", { name: "Change the password" }).click();
      await check(desk, "account with a mistake");
      await desk.goto("/admin/account");
      if (await desk.getByRole("button", { name: "Set it up" }).isVisible()) {
        await desk.getByRole("region", { name: "Second factor" }).getByLabel("Your password").fill(ADMINISTRATOR.password);
        await desk.getByRole("button", { name: "Set it up" }).click();
      }
      await expect(desk.getByRole("img", { name: /QR code/ })).toBeVisible();
      await check(desk, "second factor");
      await desk.goto(link);
      await check(desk, "invitation");
    });
  });
}
