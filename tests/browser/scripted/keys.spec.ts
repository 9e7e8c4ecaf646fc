import { box, comment } from "../support/reader.ts";
import { card, decide, flash, tab } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";

test("the desk is worked by keys alone", async ({ page, desk }) => {
  const authors = ["Kira Key", "Karl Key", "Kaya Key"];
  for (const author of authors) await comment(page, { comment: `A comment for the keys, by ${author}.`, author });
  await desk.goto("/admin/?q=keys&order=newest&each=yes");
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
  await desk.goto("/admin/?q=keys&order=newest&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("d");
  await desk.keyboard.press("Enter");
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

test("undo goes back through everything, and the next card is there before the server has answered", async ({ page, desk }) => {
  const authors = ["Uma Undo", "Udo Undo", "Ute Undo"];
  for (const author of authors) await comment(page, { comment: `Something to think better of, by ${author}.`, author });
  await desk.goto("/admin/?q=better&order=newest&each=yes");
  await desk.keyboard.press("j");
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await desk.route("**/admin/decide", async (route) => {
    await held;
    await route.continue();
  });
  await desk.keyboard.press("a");
  await desk.keyboard.press("s");
  await desk.keyboard.press("d");
  await desk.keyboard.press("Enter");
  await expect(desk.getByRole("article")).toHaveCount(0);
  await expect(desk.getByText("No comment here has the words “better”.")).toBeVisible();
  release();
  await expect(flash(desk)).toContainText("Rejected");
  // The newest was first in the list, so the oldest was decided last and comes back first.
  for (const [place, author] of authors.entries()) {
    await desk.keyboard.press("z");
    await expect(flash(desk)).toContainText("Undone");
    await expect(card(desk, author)).toBeFocused();
    await expect(desk.getByRole("article")).toHaveCount(place + 1);
  }
  await desk.reload();
  await expect(desk.getByRole("article")).toHaveCount(3);
});

test("a decision that cannot be made leaves the card where it was, and says why", async ({ page, desk }) => {
  await comment(page, { comment: "The server will be away.", author: "Ava Away" });
  await desk.goto("/admin/?q=away&each=yes");
  await desk.route("**/admin/decide", (route) =>
    route.fulfill({ status: 503, json: { title: "The database cannot be reached just now", status: 503 } }),
  );
  await decide(desk, "Ava Away", "Approve");
  await expect(card(desk, "Ava Away")).toContainText("The database cannot be reached just now");
  await desk.unroute("**/admin/decide");
  await desk.reload();
  await expect(card(desk, "Ava Away")).toBeVisible();
});

test("keys can be others, and none", async ({ page, desk }) => {
  await comment(page, { comment: "A comment for other keys.", author: "Rena Remap" });
  await desk.goto("/admin/?q=other&each=yes");
  await desk.keyboard.press("?");
  await desk.getByRole("combobox", { name: "Like" }).selectOption("Coral");
  await expect(desk.getByRole("textbox", { name: "Approve" })).toHaveValue("f");
  await desk.getByRole("textbox", { name: "Spam" }).fill("x");
  await desk.getByRole("button", { name: "Close" }).click();
  await desk.reload();
  await expect(card(desk, "Rena Remap").getByRole("button", { name: "Spam" })).toContainText("x");
  await desk.keyboard.press("j");
  await desk.keyboard.press("a");
  await expect(card(desk, "Rena Remap")).toBeVisible();
  await desk.keyboard.press("?");
  await desk.getByRole("checkbox", { name: "Use keys" }).uncheck();
  await desk.getByRole("button", { name: "Close" }).click();
  await desk.keyboard.press("x");
  await expect(card(desk, "Rena Remap")).toBeVisible();
  await desk.keyboard.press("?");
  await desk.getByRole("checkbox", { name: "Use keys" }).check();
  await desk.getByRole("button", { name: "Close" }).click();
  await desk.keyboard.press("x");
  await expect(flash(desk)).toContainText("Marked as spam");
});

test("many at one stroke: ticked, shown, decided, undone", async ({ page, desk }) => {
  const authors = ["Bea Bulk", "Bob Bulk", "Bix Bulk"];
  for (const author of authors) await comment(page, { comment: `Wholesale offer by ${author}.`, author });
  await desk.goto("/admin/?q=wholesale&order=newest&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("x");
  await desk.keyboard.press("j");
  await desk.keyboard.press("x");
  await desk.keyboard.press("Shift+S");
  await expect(desk.getByRole("heading", { name: "Mark 2 comments as spam?" })).toBeVisible();
  await expect(desk.getByRole("button", { name: "Mark 2 comments as spam" })).toBeFocused();
  await desk.keyboard.press("Enter");
  await expect(flash(desk)).toContainText("Marked as spam: 2 comments");
  await expect(desk.getByRole("article")).toHaveCount(1);
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText("Undone: 2 comments are as before");
  await expect(desk.getByRole("article")).toHaveCount(3);
});

test("a wave of variants is one decision of three keys", async ({ page, desk }) => {
  for (const [n, word] of ["cheap", "fresh", "lovely", "great"].entries()) {
    await comment(page, {
      comment: `Great post! Buy ${word} watches for $${n}9 at http://tick-tock-777.top now, free bonus, click here!!!`,
      author: `Wanda Wave ${n}`,
    });
  }
  await desk.goto("/admin/?q=watches");
  // One row in the queue; decided alone, it makes room for the next of its campaign.
  await expect(desk.getByRole("article")).toHaveCount(1);
  await expect(desk.getByRole("article").first()).toContainText("3 others are like it");
  await desk.keyboard.press("j");
  await desk.keyboard.press("s");
  await expect(desk.getByRole("article").first()).toContainText("2 others are like it");
  await expect(desk.getByRole("article").first()).toBeFocused();
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText("Undone");
  await desk.goto("/admin/?q=watches");
  await desk.keyboard.press("j");
  await desk.keyboard.press("v");
  await expect(desk.getByRole("heading", { name: "4 comments like this" })).toBeVisible();
  await desk.keyboard.press("Enter");
  await expect(flash(desk)).toContainText("Marked as spam: 4 comments");
});
