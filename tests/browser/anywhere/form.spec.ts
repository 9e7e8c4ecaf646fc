import { card } from "../support/desk.ts";
import { comment, send, type } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

test("mistakes keep what was typed, and their list leads to the fields", async ({ page }) => {
  await page.goto("/");
  // The browser lets these through; the server does not.
  await type(page, { comment: "My long thought.", author: "   ", email: "mia@example", url: "ftp://example.org/" });
  await send(page);

  await expect(page.getByRole("alert")).toContainText("Please check 3 things");
  const box = (name: string) => page.getByRole("textbox", { name });
  await expect(box("Comment")).toHaveValue("My long thought.");
  await expect(box("E-mail")).toHaveValue("mia@example");
  await expect(box("Website")).toHaveValue("ftp://example.org/");
  await expect(box("Comment")).not.toHaveAttribute("aria-invalid");
  for (const [name, message] of [
    ["Name", "Please enter your name."],
    ["E-mail", "should look like name@example.org"],
    ["Website", "This is not a web address"],
  ]) {
    await expect(box(name)).toHaveAttribute("aria-invalid", "true");
    await expect(box(name)).toHaveAccessibleDescription(new RegExp(message));
    await page.getByRole("alert").getByRole("link", { name: new RegExp(message) }).click();
    await expect(box(name)).toBeInViewport();
  }

  await type(page, { comment: "My long thought.", author: "Frida Form", email: "", url: "" });
  await send(page);
  await expect(page.getByRole("status")).toContainText("Waiting");
});

test("an empty form is not sent", async ({ page }) => {
  await page.goto("/");
  const before = page.url();
  await send(page);
  expect(page.url()).toBe(before);
  await expect(page.getByRole("textbox", { name: "Comment" })).toBeFocused();
});

test("sending twice makes one comment", async ({ page, desk }) => {
  const letter = { comment: "I clicked twice.", author: "Dora Double" };
  await page.goto("/");
  await type(page, letter);
  await page.getByRole("button", { name: "Post comment" }).dblclick();
  await expect(page.getByRole("status")).toContainText("Waiting");
  await comment(page, letter);
  await expect(page.getByRole("status")).toContainText("Waiting");
  await desk.goto("/admin/?state=all");
  await expect(card(desk, letter.author)).toHaveCount(1);
});

test("the privacy page is one step from the form", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "What happens to your data" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("What happens to your comment and your data");
});

test("an address that leads nowhere says what to do", async ({ page }) => {
  const answer = await page.goto("/no/such/page");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});
