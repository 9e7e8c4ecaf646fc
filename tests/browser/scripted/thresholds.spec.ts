import { comment } from "../support/reader.ts";
import { expect, test } from "../support/test.ts";

test("sliders preview other thresholds, and the address says which", async ({ page, desk }) => {
  await comment(page, { comment: "Something to score.", author: "Tess Threshold" });
  await desk.goto("/admin/thresholds");
  const [below, from] = [desk.getByLabel("Publish below", { exact: true }), desk.getByLabel("Turn away from", { exact: true })];
  await expect(desk.getByText("Nothing yet: try other thresholds")).toBeVisible();
  const line = desk.locator("[data-line=approve_below]");
  const before = Number(await line.getAttribute("x1"));

  const slider = desk.getByLabel("Publish below, slider");
  await slider.fill("500");
  await expect(below).toHaveValue("0.5");
  await expect(desk.getByText("Published below 0.5, turned away from 1 on")).toBeVisible();
  await expect(desk).toHaveURL(/approve_below=0.5&reject_from=1$/);
  expect(Number(await line.getAttribute("x1"))).toBeGreaterThan(before);

  // The second one is taken along, never passed; and at its end nothing is turned away.
  await desk.getByLabel("Turn away from, slider").fill("400");
  await expect(below).toHaveValue(await from.inputValue());
  await desk.getByLabel("Turn away from, slider").fill("1000");
  await expect(from).toHaveValue("1.01");
  await expect(desk.getByText("nothing turned away")).toBeVisible();

  await desk.getByRole("button", { name: "Put in force" }).click();
  await expect(desk.getByRole("status")).toContainText("The new thresholds are in force");
  await expect(from).toHaveValue("1.01");
  await below.fill("0");
  await from.fill("1");
  await desk.getByRole("button", { name: "Preview" }).first().click();
  await desk.getByRole("button", { name: "Put in force" }).click();
  await expect(desk.getByText("Nothing published unseen, turned away from 1 on")).toBeVisible();
});
