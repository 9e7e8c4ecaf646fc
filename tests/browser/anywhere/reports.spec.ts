import { card, decide, flash, opened } from "../support/desk.ts";
import { comment, published } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

test.use({ policy: "publish" });

test("a reader reports a comment, and a moderator's decision answers it", async ({ page, desk }, { project }) => {
  const author = `Rita Reported ${project.name.length}`;
  const words = `</ul><script>window.pwned=1</script> It says so under every article.`;
  await comment(page, { comment: "Find the best watches in my shop.", author });
  await published(page, author).getByRole("link", { name: `Report the comment by ${author}` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Report a comment");
  await expect(page.getByRole("article", { name: "The comment" })).toContainText("best watches");

  await page.getByRole("radio", { name: "Something else" }).check();
  await page.getByRole("button", { name: "Send the report" }).click();
  await expect(page.getByRole("alert")).toContainText("Please say in a few words");
  await page.getByRole("textbox", { name: "In your words" }).fill(words);
  await page.getByRole("button", { name: "Send the report" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("A person will look at it");
  await page.getByRole("link", { name: "Back to the comment" }).click();
  await expect(published(page, author)).toBeInViewport();

  await desk.goto("/admin/?state=reported");
  await expect((await opened(desk, author)).getByRole("list", { name: "What readers reported" })).toContainText(words);
  await decide(desk, author, "Approve");
  await expect(flash(desk)).toContainText("Approved");
  await desk.goto("/admin/?state=reported");
  await expect(card(desk, author)).toBeHidden();
  for (const each of [page, desk]) expect(await each.evaluate("typeof window.pwned")).toBe("undefined");
});
