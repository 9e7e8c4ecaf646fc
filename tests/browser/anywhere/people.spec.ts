import { ADMINISTRATOR, expect, test } from "../support/test.ts";

test("somebody is invited, decides, and is shut out again", async ({ desk, page, javaScriptEnabled }) => {
  const name = `guest ${javaScriptEnabled ? "with" : "without"} JavaScript`;
  const password = "a few words in a row";
  await desk.goto("/admin/people");
  await desk.getByLabel("Name").fill(name);
  await desk.getByLabel("Role").last().selectOption("viewer");
  await desk.getByRole("button", { name: "Make the link" }).click();
  const link = await desk.getByLabel(`Link for ${name}`).inputValue();

  await page.goto(link);
  await expect(page.getByRole("heading", { name: `Welcome, ${name}` })).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(password);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("link", { name: "Models", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "People", exact: true })).toBeHidden();

  await desk.goto("/admin/people");
  const person = desk.getByRole("region", { name });
  await person.getByText(`Change ${name}`).click();
  await person.getByRole("button", { name: "Disable" }).click();
  await expect(person).toContainText("Disabled");
  await page.goto("/admin/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await desk.goto("/admin/audit");
  const newest = desk.getByRole("row").nth(1);
  await expect(newest).toContainText(ADMINISTRATOR.name);
  await expect(newest).toContainText("Person disabled");
  await expect(newest).toContainText(name);
});
