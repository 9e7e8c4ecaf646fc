import { card, decide, flash, opened } from "../support/desk.ts";
import { comment } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

test("hostile text is text on the desk", async ({ page, desk }) => {
  const author = `<svg onload="window.pwned=1">"'`;
  const text = `<script>window.pwned=1</script> <img src=x onerror='window.pwned=1'> "'></textarea></form>`;
  await comment(page, { comment: text, author, url: "https://example.org/?a=%22onmouseover=window.pwned=1" });
  await expect(page.getByRole("article", { name: "Your comment" })).toContainText("<script>window.pwned=1</script>");
  await desk.goto("/admin/");
  await expect(card(desk, author)).toContainText(text);
  await (await opened(desk, author)).getByRole("link", { name: "open this comment" }).click();
  await expect(card(desk, author)).toContainText(text);
  await decide(desk, author, "Spam");
  await expect(flash(desk)).toContainText("Marked as spam");
  await desk.goto(`/admin/?state=all&q=${encodeURIComponent('"><script>window.pwned=1</script>')}`);
  await expect(desk.getByRole("searchbox")).toHaveValue('"><script>window.pwned=1</script>');
  for (const each of [page, desk]) expect(await each.evaluate("typeof window.pwned")).toBe("undefined");
});

test("an address with a foreign way back stays on the desk", async ({ page, session }) => {
  expect(session.cookies).not.toHaveLength(0);
  await page.goto("/admin/sign-in?next=https://evil.example/");
  await expect(page.locator("input[name=next]")).toHaveValue("/admin/");
});
