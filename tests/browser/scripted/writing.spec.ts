import { box, comment, published } from "../support/reader.ts";
import { card, flash, opened } from "../support/desk.ts";
import { ADMINISTRATOR, expect, test } from "../support/test.ts";

test("a rejection takes a number for its reason, and Enter takes the last one", async ({ page, desk }) => {
  const authors = ["Rea Reason", "Rob Reason", "Ria Reason", "Roy Reason"];
  for (const author of authors) await comment(page, { comment: `A sunday letter by ${author}.`, author });
  await desk.goto("/admin/?q=sunday&order=oldest&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("d");
  await expect(card(desk, "Rea Reason").getByRole("group", { name: "Reject because" })).toBeVisible();
  await desk.keyboard.press("Escape");
  await expect(card(desk, "Rea Reason")).toBeFocused();
  await desk.keyboard.press("d");
  await desk.keyboard.press("3");
  await expect(flash(desk)).toContainText("Rejected: harassment");
  await expect(card(desk, "Rob Reason")).toBeFocused();
  await desk.keyboard.press("d");
  await desk.keyboard.press("Enter");
  await expect(flash(desk)).toContainText("Rejected: harassment");
  await expect(card(desk, "Ria Reason")).toBeFocused();
  await desk.keyboard.press("d");
  await desk.keyboard.press("d");
  await expect(flash(desk)).toHaveText(/^Rejected(?!:)/);
  await expect(card(desk, "Roy Reason")).toBeFocused();
  for (const author of ["Ria Reason", "Rob Reason", "Rea Reason"]) {
    await desk.keyboard.press("z");
    await expect(card(desk, author)).toBeFocused();
  }
});

test("an answer is written on the card, approves, and one key takes both back", async ({ page, desk }) => {
  await comment(page, { comment: "What does the ferry cost on holidays?", author: "Fay Ferry" });
  await desk.goto("/admin/?q=ferry&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("r");
  await expect(card(desk, "Fay Ferry").getByRole("textbox", { name: "Your reply" })).toBeFocused();
  // Single keys are letters here.
  await desk.keyboard.type("As on any day");
  await desk.keyboard.press("Control+Enter");
  await expect(flash(desk)).toContainText("Answered");
  await expect(card(desk, "Fay Ferry")).toHaveCount(0);
  await page.goto("/");
  await expect(published(page, "Fay Ferry")).toBeVisible();
  await expect(box(page, ADMINISTRATOR.name)).toContainText("Moderator");
  await expect(box(page, ADMINISTRATOR.name)).toContainText("As on any day");
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText("Undone");
  await expect(card(desk, "Fay Ferry")).toBeVisible();
  await page.reload();
  await expect(published(page, "Fay Ferry")).toHaveCount(0);
  await expect(box(page, ADMINISTRATOR.name)).toHaveCount(0);
});

test("a comment is edited on the card before it is approved, and both can be undone", async ({ page, desk }) => {
  await comment(page, { comment: "My number is 555 0199, call me about the lighthouse.", author: "Lia Light" });
  await desk.goto("/admin/?q=lighthouse&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("q");
  const text = card(desk, "Lia Light").getByRole("textbox", { name: "Comment" });
  await expect(text).toHaveValue("My number is 555 0199, call me about the lighthouse.");
  await desk.keyboard.press("Escape");
  await expect(card(desk, "Lia Light")).toBeFocused();
  await desk.keyboard.press("q");
  await text.fill("Call me about the lighthouse.");
  await desk.keyboard.press("Control+Enter");
  await expect(flash(desk)).toContainText("Edited");
  await expect(card(desk, "Lia Light")).toBeFocused();
  await expect(card(desk, "Lia Light")).not.toContainText("555");
  await desk.keyboard.press("a");
  await expect(flash(desk)).toContainText("Approved");
  await page.goto("/");
  await expect(published(page, "Lia Light")).toContainText("Edited by a moderator");
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText("Undone: held again");
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText("it says what it said before");
  await expect(card(desk, "Lia Light")).toContainText("555 0199");
});

test("an answer that came too late keeps its text, and can be sent all the same", async ({ page, desk }) => {
  await comment(page, { comment: "Is the museum open?", author: "Mo Museum" });
  await desk.goto("/admin/?q=museum&each=yes");
  await desk.keyboard.press("j");
  // On a slow line the form comes after what is typed into it, and no letter of that is a shortcut.
  let come = () => {};
  const slow = new Promise<void>((done) => { come = done; });
  await desk.route("**/reply", async (route) => { await slow; await route.continue(); }, { times: 1 });
  await desk.keyboard.press("r");
  await desk.keyboard.type("Until five, as in spring.");
  come();
  // The same moderator in another window.
  const other = await desk.context().newPage();
  await other.goto("/admin/?q=museum&each=yes");
  await (await opened(other, "Mo Museum")).getByRole("button", { name: "Spam" }).click();
  await expect(flash(other)).toContainText("Marked as spam");
  await other.close();
  await expect(card(desk, "Mo Museum")).toContainText(`Spam by ${ADMINISTRATOR.name}`);
  const text = card(desk, "Mo Museum").getByRole("textbox", { name: "Your reply" });
  await expect(text).toHaveValue("Until five, as in spring.");
  await text.press("Control+Enter");
  await expect(flash(desk)).toContainText("has decided on this comment in the meantime");
  await expect(text).toHaveValue("Until five, as in spring.");
  await text.press("Control+Enter");
  await expect(flash(desk)).toContainText("Answered");
});
