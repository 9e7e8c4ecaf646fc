import { flash } from "../support/desk.ts";
import { comment } from "../support/reader.ts";
import { csv, labelledRows } from "../support/rows.ts";
import { expect, test } from "../support/test.ts";

test("labelled comments become a model, which is compared, promoted and rolled back", async ({ desk }) => {
  await desk.goto("/admin/models");
  const current = desk.getByRole("region", { name: "Current model" });
  const before = /Model (\d+)/.exec(await current.innerText())?.[1];
  await desk.getByLabel("Labelled comments (CSV)").setInputFiles(csv("labelled.csv", labelledRows(60)));
  await desk.getByRole("button", { name: "Upload and train" }).click();

  // Training, or done already: it is a small file. Without JavaScript the page loads itself again.
  await expect(desk).toHaveURL(/\/admin\/models\/training\/\d+/);
  await expect(desk.getByRole("heading", { name: "A new model is ready" })).toBeVisible({ timeout: 60_000 });
  await expect(desk.getByRole("heading", { name: "Side by side" })).toBeVisible();
  // The decisions that other tests have made count as well.
  await expect(desk.getByText(/^\d+ rows were used, none was left out\.$/)).toBeVisible();
  const figures = desk.getByRole("region", { name: "Side by side" }).getByRole("table").first();
  await expect(figures.getByRole("columnheader", { name: `Model ${before} (current)` })).toBeVisible();
  await expect(figures.getByRole("columnheader", { name: /Model \d+ \(new\)/ })).toBeVisible();
  await expect(figures.getByRole("rowheader").first()).toBeVisible();
  await desk.getByRole("button", { name: "Promote" }).click();

  await expect(flash(desk)).toContainText(/Model \d+ is live/);
  await expect(current).not.toContainText(`Model ${before}`);
  await expect(current).toContainText("labelled.csv");
  await desk.getByRole("button", { name: "Roll back" }).click();
  await expect(flash(desk)).toContainText(`Model ${before} is live again`);
  await expect(current).toContainText(`Model ${before}`);
});

test("a model of wrong labels is refused, and promoted only by somebody who has read why", async ({ desk }) => {
  await desk.goto("/admin/models");
  await desk.getByLabel("Labelled comments (CSV)").setInputFiles(csv("wrong.csv", labelledRows(200, 5)));
  await desk.getByRole("checkbox", { name: /gathered here/ }).setChecked(false);
  await desk.getByRole("button", { name: "Upload and train" }).click();
  await expect(desk.getByRole("heading", { name: "A new model was refused" })).toBeVisible({ timeout: 60_000 });
  const refused = desk.getByRole("region", { name: "Refused" });
  await expect(refused).toContainText("Labels look wrong");
  const page = desk.url();
  await refused.getByRole("button", { name: "Promote despite this" }).click();
  await expect(desk, "the box is to be ticked first").toHaveURL(page);
  await refused.getByRole("checkbox", { name: /I have read this/ }).check();
  await refused.getByRole("button", { name: "Promote despite this" }).click();
  await expect(flash(desk)).toContainText(/Model \d+ is live/);
  await desk.getByRole("button", { name: "Roll back" }).click();
  await expect(flash(desk)).toContainText("is live again");
});

test("a model is tried in the shadow", async ({ page, desk }) => {
  await desk.goto("/admin/models");
  await desk.getByLabel("Labelled comments (CSV)").setInputFiles(csv("shadow.csv", labelledRows(60)));
  await desk.getByRole("button", { name: "Upload and train" }).click();
  await expect(desk.getByRole("heading", { name: "A new model is ready" })).toBeVisible({ timeout: 60_000 });
  await desk.goto("/admin/models");
  const newest = desk.getByRole("region", { name: "All models" }).getByRole("row").nth(1);
  await newest.getByRole("button", { name: "Try in the shadow" }).click();
  await expect(flash(desk)).toContainText(/Model \d+ scores in the shadow/);
  await expect(newest).toContainText("In the shadow");
  const panel = desk.getByRole("region", { name: /Model \d+ in the shadow/ });
  await expect(panel).toContainText("None has come in yet.");

  await comment(page, { comment: "Scored by two models.", author: "Sam Shadow" });
  await panel.getByRole("link", { name: "See where they differ" }).click();
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText(/Model \d+ in the shadow/);
  await expect(desk.getByRole("main")).toContainText("Of the newest 1 comment that both models scored");
  await desk.getByRole("button", { name: "Stop" }).click();
  await expect(flash(desk)).toContainText("No model scores in the shadow any more");
});

for (const [what, content, told] of [
  ["without the columns", "colour,size\nred,1\nblue,2\n", /content|column/i],
  ["with one class only", `content,class\n${"Hello there,0\n".repeat(30)}`, /spam|class/i],
  ["that is no CSV", "\u0000\u0001\u0002 nothing", /./],
] as const) {
  test(`a file ${what} is refused in words`, async ({ desk }) => {
    await desk.goto("/admin/models");
    await desk.getByLabel("Labelled comments (CSV)").setInputFiles(csv("broken.csv", content));
    // The file alone: decisions of other tests would bring the class that it lacks.
    await desk.getByRole("checkbox", { name: /gathered here/ }).setChecked(false);
    await desk.getByRole("button", { name: "Upload and train" }).click();
    await expect(desk.getByRole("heading", { name: "The training did not work" })).toBeVisible({ timeout: 60_000 });
    await expect(desk.getByText("From broken.csv")).toBeVisible();
    await expect(desk.getByRole("main")).toContainText(told);
    await expect(desk.getByText("Check the file, or choose another one, and train again.")).toBeVisible();
  });
}
