import { box, comment } from "../support/reader.ts";
import { card, flash, tab } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";

test("the desk is worked by keys alone", async ({ page, desk }) => {
  const authors = ["Kira Key", "Karl Key", "Kaya Key"];
  for (const author of authors) await comment(page, { comment: `A comment for the keys, by ${author}.`, author });
  await desk.goto("/admin/?q=keys&order=newest");
  await expect(desk.getByRole("article")).toHaveCount(3);

  // Newest first: the cursor goes down and up again.
  await desk.keyboard.press("j");
  await expect(card(desk, "Kaya Key")).toBeFocused();
  await desk.keyboard.press("j");
  await expect(card(desk, "Karl Key")).toBeFocused();
  await desk.keyboard.press("k");
  await expect(card(desk, "Kaya Key")).toBeFocused();

  await desk.keyboard.press("a");
  await expect(flash(desk)).toContainText("Approved");
  await expect(card(desk, "Kaya Key")).toHaveCount(0);
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText("Undone");
  await expect(card(desk, "Kaya Key")).toBeVisible();

  await desk.keyboard.press("j");
  await desk.keyboard.press("s");
  await expect(flash(desk)).toContainText("Marked as spam");
  await desk.goto("/admin/?q=keys&order=newest");
  await desk.keyboard.press("j");
  await desk.keyboard.press("d");
  await expect(flash(desk)).toContainText("Rejected");
  await expect(desk.getByRole("article")).toHaveCount(1);

  await tab(desk, "Rejected").click();
  await expect(desk.getByRole("article").first()).toBeVisible();
  await desk.keyboard.press("j");
  await desk.keyboard.press("u");
  await expect(flash(desk)).toContainText("Put back into the queue");
});

test("keys rest while somebody types, and ? tells them all", async ({ page, desk }) => {
  await comment(page, { comment: "Nobody decides on me by accident.", author: "Tara Typing" });
  await desk.goto("/admin/");
  await desk.keyboard.press("/");
  await expect(desk.getByRole("searchbox")).toBeFocused();
  await desk.keyboard.type("sad");
  await expect(desk.getByRole("searchbox")).toHaveValue("sad");
  await expect(card(desk, "Tara Typing")).toBeVisible();
  await desk.getByRole("searchbox").blur();
  await desk.keyboard.press("?");
  await expect(desk.getByRole("dialog")).toContainText("Approve");
  await desk.keyboard.press("Escape");
  await expect(desk.getByRole("dialog")).toBeHidden();
});

test("a double click sends one comment", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Comment" }).fill("Sent with a nervous finger.");
  await page.getByRole("textbox", { name: "Name" }).fill("Doro Double");
  await page.getByRole("button", { name: "Post comment" }).dblclick();
  await expect(page.getByRole("status")).toContainText("Waiting");
  await expect(box(page, "Your comment")).toContainText("nervous finger");
});
