import { comment, send, type } from "../support/reader.ts";
import { card, flash } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";

test("a word list is looked at before it is in force, and has the last word", async ({ page, desk, javaScriptEnabled }) => {
  // Each run has a word of its own.
  const word = javaScriptEnabled === false ? "zorbing" : "quidditch";
  await comment(page, { comment: `All about ${word}, for free.`, author: `Wanda ${word}` });
  await desk.goto("/admin/rules");
  await desk.getByLabel("Effect").selectOption({ label: "Ban: rejected" });
  await desk.getByLabel("What it matches").fill(`${word}\nsome other phrase`);
  await desk.getByLabel("Why").fill("Nobody here wants it");
  await desk.getByRole("button", { name: "See what it would hit" }).click();
  await expect(desk.getByRole("heading", { name: "Ban: 2 phrases?" })).toBeVisible();
  await expect(desk.getByText(/it would have hit 1: 1 held/)).toBeVisible();
  await expect(card(desk, `Wanda ${word}`)).toBeVisible();
  await desk.getByRole("button", { name: "Put it in force" }).click();
  await expect(flash(desk)).toContainText(/Rule \d+ is in force/);
  await expect(desk.getByRole("row").filter({ hasText: word })).toContainText("Nobody here wants it");

  await page.goto("/");
  await type(page, { comment: `${word.toUpperCase()} again!`, author: `Willy ${word}` });
  await send(page);
  await desk.goto(`/admin/?state=rejected&q=${word}`);
  await expect(card(desk, `Willy ${word}`)).toContainText(`“${word}” in the text`);

  await desk.goto("/admin/rules");
  await desk.getByRole("row").filter({ hasText: word }).getByRole("button", { name: /^End/ }).click();
  await expect(flash(desk)).toContainText(/Rule \d+ is ended/);
});

test("the panel of an author has a record and notes", async ({ page, desk, javaScriptEnabled }) => {
  const name = `Nora Note ${javaScriptEnabled === false ? "plain" : "scripted"}`;
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
  await comment(page, { comment: "A comment to note something about.", author: name, email });
  await desk.goto(`/admin/?q=${encodeURIComponent(email)}`);
  await card(desk, name).getByRole("link", { name: /new here/ }).click();
  await expect(desk.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(desk.getByText("1 held")).toBeVisible();
  await desk.getByLabel("Another note").fill("Writes at night.");
  await desk.getByRole("button", { name: "Keep the note" }).click();
  await expect(flash(desk)).toContainText("The note is kept");
  await expect(desk.getByRole("region", { name: "Notes" })).toContainText("Writes at night.");
  await desk.getByLabel("By", { exact: true }).selectOption({ label: `E-mail address ${email}` });
  await desk.getByRole("button", { name: "See what it would hit" }).click();
  await expect(desk.getByText(/it would have hit 1: 1 held/)).toBeVisible();
});
