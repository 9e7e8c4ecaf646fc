import { comment } from "../support/reader.ts";
import { card, flash } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";

test("an author is banned by two keys, and the ban ended by a third", async ({ page, desk }) => {
  const email = "bruno.ban@example.org";
  await comment(page, { comment: "Something to be banned for.", author: "Bruno Ban", email });
  await desk.goto("/admin/?q=banned&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("b");
  await expect(desk.getByRole("heading", { name: /^Ban Bruno Ban/ })).toBeVisible();
  await expect(desk.getByRole("button", { name: `E-mail address ${email}` })).toBeVisible();
  await expect(desk.getByText(/would have hit 1 comment, none of them published/).first()).toBeVisible();
  await desk.keyboard.press("Escape");
  await expect(card(desk, "Bruno Ban")).toBeVisible();
  await desk.keyboard.press("b");
  await expect(desk.getByRole("heading", { name: /^Ban Bruno Ban/ })).toBeVisible();
  await desk.keyboard.press("1");
  await expect(flash(desk)).toContainText(/Rule \d+ is in force/);

  await comment(page, { comment: "Here I am once more.", author: "Bruno Ban", email });
  await desk.goto("/admin/?state=rejected&q=%22once+more%22");
  await expect(card(desk, "Bruno Ban")).toContainText(/Banned by rule \d+: e-mail address b…@example.org/);

  // What was just done can be taken back at once.
  await comment(page, { comment: "And another thing to be banned.", author: "Bruna Ban", email: "bruna.ban@example.org" });
  await desk.goto("/admin/?q=%22another+thing%22&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("b");
  await expect(desk.getByRole("heading", { name: /^Ban Bruna Ban/ })).toBeVisible();
  await desk.keyboard.press("1");
  await expect(flash(desk)).toContainText(/Rule \d+ is in force/);
  await desk.keyboard.press("z");
  await expect(flash(desk)).toContainText(/Rule \d+ is ended/);
});

test("a key leads to a note, and the keys can be others", async ({ page, desk }) => {
  await comment(page, { comment: "A remarkable remark.", author: "Nils Note", email: "nils.note@example.org" });
  await desk.goto("/admin/?q=remarkable&each=yes");
  await desk.keyboard.press("j");
  await desk.keyboard.press("n");
  await expect(desk.getByLabel("Another note")).toBeFocused();
  await desk.keyboard.type("Noted by keys alone.");
  await desk.keyboard.press("Tab");
  await desk.keyboard.press("Enter");
  await expect(flash(desk)).toContainText("The note is kept");
  await desk.goto("/admin/?q=remarkable&each=yes");
  await expect(card(desk, "Nils Note")).toContainText("1 note");
  await desk.keyboard.press("?");
  await expect(desk.getByRole("dialog")).toContainText("Ban its author");
  await desk.getByRole("textbox", { name: /^Ban its author/ }).fill("p");
  await desk.getByRole("button", { name: "Close" }).click();
  await desk.keyboard.press("j");
  await desk.keyboard.press("p");
  await expect(desk.getByRole("heading", { name: /^Ban Nils Note/ })).toBeVisible();
});
