import { card, decide, flash, opened, tab } from "../support/desk.ts";
import { comment, published, send, type } from "../support/reader.ts";
import { ADMINISTRATOR, expect, test } from "../support/test.ts";

test("a comment waits, is approved, appears, and goes again with Undo", async ({ page, desk }) => {
  const author = "Wilma Walk";
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Leave a Reply" })).toBeVisible();
  await type(page, { comment: "The paper ballots are what convinces me.", author, email: "wilma@example.org" });
  await send(page);

  await expect(page).toHaveURL(/\/comments\/.+\/status/);
  await expect(page.getByRole("status")).toContainText("Waiting");
  await expect(page.getByRole("article", { name: "Your comment" })).toContainText("paper ballots");
  const status = page.url();
  await page.getByRole("link", { name: /Back to/ }).click();
  await expect(published(page, author)).toHaveCount(0);

  await desk.goto("/admin/");
  await expect(card(desk, author)).toContainText("The paper ballots are what convinces me.");
  await expect(card(desk, author)).toContainText(/Held because 0\.0+ ≤ \d\.\d+ < 1\.0+/);
  await expect(card(desk, author).getByText(/^. ?0\.\d\d$|^0\.\d\d$/).first()).toBeVisible();
  await expect((await opened(desk, author)).getByRole("table").first().getByRole("rowheader").first()).toBeVisible();
  await decide(desk, author, "Approve");
  await expect(flash(desk)).toContainText("Approved");
  await expect(card(desk, author)).toHaveCount(0);

  await page.goto(status);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("published");
  await page.getByRole("link", { name: "See it on the page" }).click();
  await expect(published(page, author)).toContainText("The paper ballots are what convinces me.");

  await flash(desk).getByRole("button", { name: "Undo" }).click();
  await expect(flash(desk)).toContainText("Undone: held again");
  await expect(card(desk, author)).toBeVisible();
  await page.goto("/");
  await expect(published(page, author)).toHaveCount(0);
});

for (const [verdict, state] of [
  ["Spam", "Spam"],
  ["Reject", "Rejected"],
] as const) {
  test(`${verdict} keeps a comment off the page, and it is found again under ${state}`, async ({ page, desk }) => {
    const author = `Otto ${verdict}`;
    await comment(page, { comment: `This is for ${verdict}.`, author });
    const status = page.url();
    await desk.goto("/admin/");
    await decide(desk, author, verdict);
    await expect(flash(desk)).toBeVisible();
    await expect(card(desk, author)).toHaveCount(0);
    await tab(desk, state).click();
    await expect(tab(desk, state)).toHaveAttribute("aria-current", "page");
    await expect(card(desk, author)).toContainText(`This is for ${verdict}.`);
    await expect(card(desk, author)).toContainText("moved since");
    await page.goto("/");
    await expect(published(page, author)).toHaveCount(0);
    await page.goto(status);
    await expect(page.getByRole("status")).not.toContainText("published");

    // And back: nothing is final.
    await decide(desk, author, "Approve");
    await expect(flash(desk)).toContainText("Approved");
    await page.goto("/");
    await expect(published(page, author)).toBeVisible();
  });
}

test("search finds a comment by its words, in every state", async ({ page, desk }) => {
  const author = "Sara Search";
  await comment(page, { comment: "Zymurgical considerations about ballots.", author });
  await desk.goto("/admin/?state=all");
  await desk.getByRole("searchbox").fill("zymurgical");
  await desk.getByRole("button", { name: "Search" }).click();
  await expect(desk.getByRole("article")).toHaveCount(1);
  await expect(card(desk, author)).toBeVisible();
  await desk.getByRole("searchbox").fill("nobodyeverwrotethis");
  await desk.getByRole("button", { name: "Search" }).click();
  await expect(desk.getByText("No comment here has the words “nobodyeverwrotethis”.")).toBeVisible();
});

test("a comment's own page tells what happened to it, and by whom", async ({ page, desk }) => {
  const author = "Hanna History";
  await comment(page, { comment: "What will be written of me?", author });
  await desk.goto("/admin/");
  await (await opened(desk, author)).getByRole("link", { name: "open this comment" }).click();
  const history = desk.getByRole("region", { name: "What happened to it" }).getByRole("row");
  await expect(history).toHaveCount(2);
  await expect(history.nth(1)).toContainText("Held");
  await decide(desk, author, "Reject");
  await expect(history).toHaveCount(3);
  await expect(history.nth(2)).toContainText(ADMINISTRATOR.name);
  await expect(history.nth(2)).toContainText("Rejected");
});

test("two moderators: the slower one is told, and nothing is overwritten", async ({ page, desk, context, session }) => {
  const author = "Rita Race";
  await comment(page, { comment: "Both of you look at me.", author });
  await context.addCookies(session.cookies);
  await page.goto("/admin/");
  await desk.goto("/admin/");
  await decide(desk, author, "Approve");
  await expect(flash(desk)).toContainText("Approved");
  if (test.info().project.use.javaScriptEnabled !== false) {
    // The other desk is told at once: the card says who was quicker, and rests.
    await expect(card(page, author)).toContainText(`Approved by ${ADMINISTRATOR.name}`);
    await expect((await opened(page, author)).getByRole("button", { name: "Spam" })).toBeDisabled();
  } else {
    await decide(page, author, "Spam");
    await expect(page.getByRole("heading", { name: "Somebody was quicker" })).toBeVisible();
  }
  await tab(desk, "Approved").click();
  await expect(card(desk, author)).toBeVisible();
});

test("signing in and out", async ({ page, session }) => {
  // The administrator is there because the session is.
  expect(session.cookies).not.toHaveLength(0);
  await page.goto("/admin/?state=spam");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  const signIn = async (password: string) => {
    await page.getByLabel("Name").fill(ADMINISTRATOR.name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn("not the password");
  await expect(page.getByRole("alert")).toContainText("do not fit together");
  await expect(page.getByLabel("Name")).toHaveValue(ADMINISTRATOR.name);
  await signIn(ADMINISTRATOR.password);
  // Where one wanted to go.
  await expect(page).toHaveURL(/state=spam/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto("/admin/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("the one-time link works once", async ({ page, moderato, session }) => {
  expect(session.cookies).not.toHaveLength(0);
  await page.goto(moderato.setup);
  await expect(page.getByRole("heading", { name: "This link does not work any more" })).toBeVisible();
});
