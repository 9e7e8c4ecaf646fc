import { join } from "node:path";
import { type Page } from "@playwright/test";
import { comment, send, type } from "../support/reader.ts";
import { decide } from "../support/desk.ts";
import { ADMINISTRATOR, expect, test } from "../support/test.ts";

const IMAGES = join(import.meta.dirname, "../../../docs/images");
const REVIEW = join(import.meta.dirname, "../results/review");

const COMMENTS = [
  {
    author: "Ruth Calder",
    email: "ruth@example.org",
    comment:
      "I was an election judge for ten years. What worries me is not the network but tired people at midnight. A second pair of eyes helps more than any wall, and it is cheap.",
  },
  {
    author: "Oleh K.",
    email: "oleh@example.org",
    comment:
      "I followed the link in the article and wonder which servers are meant: those that count, or those that publish? https://county.example/audit",
  },
  {
    author: "best-seo-77",
    email: "seo77@casino.example",
    url: "http://best-casino-777.top",
    comment: "Great post! Visit my site http://best-casino-777.top for a free bonus, click here now!!!",
  },
  { author: "Mia", email: "mia@example.org", comment: "Thank you for explaining this without shouting." },
];

/** Both themes, phone and desktop, for looking at; the README's are written to docs/images as well. */
async function shoot(page: Page, name: string, forReadme: Record<string, string> = {}) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [360, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 860 });
      await page.screenshot({ path: join(REVIEW, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      const image = forReadme[`${colorScheme}-${width}`];
      if (image) await page.screenshot({ path: join(IMAGES, image) });
    }
  }
}

test("pictures of every page", async ({ page, desk }) => {
  test.setTimeout(120_000);
  for (const letter of COMMENTS) await comment(page, letter);
  await shoot(page, "status");
  await desk.goto("/admin/");
  await decide(desk, "Ruth Calder", "Approve");
  await decide(desk, "Mia", "Approve");
  await expect(desk.getByRole("status")).toBeVisible();
  await desk.evaluate(() => scrollTo(0, 0));
  await shoot(desk, "queue", { "light-1280": "queue.png", "dark-1280": "queue-dark.png" });
  await desk.keyboard.press("j");
  await desk.keyboard.press("w");
  await expect(desk.getByRole("region", { name: "The account of the score" })).toBeVisible();
  await shoot(desk, "why", { "light-1280": "why.png" });
  await desk.locator(".card.current").getByRole("link", { name: "open this comment" }).click();
  await shoot(desk, "comment");
  await desk.goto("/admin/thresholds?approve_below=0.3&reject_from=0.9");
  await shoot(desk, "thresholds");
  await desk.goto("/admin/models");
  await shoot(desk, "models");
  await desk.goto("/admin/people");
  await desk.getByLabel("Name").fill("Ruth");
  await desk.getByRole("button", { name: "Make the link" }).click();
  await desk.getByText("Change Ruth").click();
  await shoot(desk, "people");
  await desk.goto("/admin/audit");
  await shoot(desk, "audit");
  for (const name of ["figures", "rules", "keys", "log-only", "webhooks"]) {
    await desk.goto(`/admin/${name}`);
    await shoot(desk, name);
  }
  await desk.getByLabel("Address").fill("https://hooks.example.com/moderato");
  await desk.getByRole("button", { name: "Add it" }).click();
  await shoot(desk, "webhook-made");
  await desk.goto("/admin/keys");
  await desk.getByLabel("What it is for").fill("WordPress");
  await desk.getByRole("button", { name: "Make the key" }).click();
  await shoot(desk, "key-made");
  await desk.goto("/docs");
  await shoot(desk, "docs");
  await desk.goto("/admin/?state=all&q=election");
  await desk.getByText("Save this list").click();
  await desk.getByLabel("Name", { exact: true }).fill("Elections");
  await desk.getByRole("button", { name: "Save", exact: true }).click();
  await desk.getByText("Forget a list").click();
  await shoot(desk, "own-list");
  await desk.goto("/admin/account");
  await desk.getByRole("region", { name: "Second factor" }).getByLabel("Your password").fill(ADMINISTRATOR.password);
  await desk.getByRole("button", { name: "Set it up" }).click();
  await shoot(desk, "account");
  await page.goto("/");
  await shoot(page, "article", { "light-1280": "article.png" });
  await type(page, { comment: "I had more to say, but", author: " ", email: "mia@example" });
  await send(page);
  await shoot(page, "form");
  await page.goto("/privacy/demo");
  await shoot(page, "privacy");
});
