import { box, comment, published, send, type } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

test.use({ policy: "publish" });

test("a comment that is fine is published at once, and one is brought to it", async ({ page }) => {
  const author = "Paula Published";
  await comment(page, { comment: "Good that *somebody* explains it.\n\nThank you.", author });
  await expect(page).toHaveURL(/#comment-[0-9a-f-]{36}$/);
  await expect(published(page, author)).toContainText("Good that somebody explains it.");
  await expect(published(page, author).getByRole("emphasis")).toHaveText("somebody");
  await expect(published(page, author)).toBeInViewport();
});

test("a reply stands under what it answers", async ({ page }) => {
  const [first, second] = ["Ada Asks", "Ben Answers"];
  await comment(page, { comment: "How often is it counted again?", author: first });
  await page.goto("/");
  await published(page, first).getByRole("link", { name: `Reply to ${first}` }).click();
  await expect(page.getByText(`Replying to ${first}`)).toBeVisible();
  await type(page, { comment: "One precinct in fifty, by dice.", author: second });
  await send(page);
  await expect(page).toHaveURL(/#comment-/);
  const thread = page.getByRole("listitem").filter({ has: box(page, first) });
  await expect(thread.getByRole("listitem").filter({ has: box(page, second) })).toBeVisible();
});

test("a reply can be called off", async ({ page }) => {
  const [first, second] = ["Cleo Calls", "Dan Decides"];
  await comment(page, { comment: "Who wants to answer?", author: first });
  await page.goto("/");
  await published(page, first).getByRole("link", { name: `Reply to ${first}` }).click();
  await page.getByText(`Replying to ${first}`).getByRole("link", { name: "cancel" }).click();
  await expect(page.getByText(`Replying to ${first}`)).toBeHidden();
  await type(page, { comment: "I rather say something else.", author: second });
  await send(page);
  await expect(published(page, second)).toBeVisible();
  const thread = page.getByRole("listitem").filter({ has: box(page, first) });
  await expect(thread.getByRole("listitem").filter({ has: box(page, second) })).toHaveCount(0);
});

test("a mistake in a reply keeps it a reply", async ({ page }) => {
  const [first, second] = ["Edda Earlier", "Finn Forgets"];
  await comment(page, { comment: "Answer me with a mistake.", author: first });
  await page.goto("/");
  await published(page, first).getByRole("link", { name: `Reply to ${first}` }).click();
  await type(page, { comment: "Here it is.", author: "  " });
  await send(page);
  await expect(page.getByRole("alert")).toContainText("Please enter your name.");
  await expect(page.getByText("Replying to")).toBeVisible();
  await type(page, { comment: "Here it is.", author: second });
  await send(page);
  const thread = page.getByRole("listitem").filter({ has: box(page, first) });
  await expect(thread.getByRole("listitem").filter({ has: box(page, second) })).toBeVisible();
});

test("hostile text is text on the page", async ({ page }) => {
  const author = '<img src=x onerror="window.pwned=1">';
  await comment(page, {
    comment: "<script>window.pwned=1</script> <img src=x onerror='window.pwned=1'>\n[click](javascript:window.pwned=1)",
    author,
  });
  await expect(page).toHaveURL(/#comment-/);
  await expect(published(page, author)).toContainText("<script>window.pwned=1</script>");
  await expect(published(page, author).getByRole("img")).toHaveCount(0);
  await expect(published(page, author).locator("[href^='javascript']")).toHaveCount(0);
  expect(await page.evaluate("typeof window.pwned")).toBe("undefined");
});
