import { box, comment, published } from "../support/reader.ts";
import { card, flash, opened } from "../support/desk.ts";
import { ADMINISTRATOR, expect, test } from "../support/test.ts";

test("reasons, answers and edits are buttons and forms", async ({ page, desk }) => {
  for (const author of ["Flo Form", "Fred Form"]) await comment(page, { comment: `About the orchard, by ${author}.`, author });
  await desk.goto("/admin/?q=orchard&each=yes");
  await (await opened(desk, "Flo Form")).getByText("Because …").click();
  await (await opened(desk, "Flo Form")).getByRole("button", { name: "Off topic" }).click();
  await expect(flash(desk)).toContainText("Rejected: off topic");

  await (await opened(desk, "Fred Form")).getByRole("link", { name: "Edit" }).click();
  await expect(desk.getByRole("heading", { name: "Edit the comment by Fred Form" })).toBeVisible();
  await desk.getByRole("textbox", { name: "Comment" }).fill("About the orchard, in short.");
  await desk.getByRole("button", { name: "Save" }).click();
  await expect(flash(desk)).toContainText("Edited");
  await expect(card(desk, "Fred Form")).toContainText("in short");

  await (await opened(desk, "Fred Form")).getByRole("link", { name: "Reply" }).click();
  await desk.getByRole("textbox", { name: "Your reply" }).fill("Thank you.");
  await desk.getByRole("button", { name: "Approve and reply" }).click();
  await expect(flash(desk)).toContainText("Answered");
  await page.goto("/");
  await expect(published(page, "Fred Form")).toContainText("Edited by a moderator");
  await expect(box(page, ADMINISTRATOR.name)).toContainText("Thank you.");

  await desk.goto("/admin/?state=all&q=orchard");
  await (await opened(desk, "Fred Form")).getByRole("link", { name: /open this comment/ }).click();
  await expect(desk.getByRole("heading", { name: "What it said before" })).toBeVisible();
  await desk.getByRole("button", { name: "Restore this text" }).click();
  await expect(card(desk, "Fred Form")).toContainText("by Fred Form.");
});
