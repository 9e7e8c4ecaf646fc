import { type Locator, type Page } from "@playwright/test";

/** What a reader types. */
export interface Letter {
  comment: string;
  author: string;
  email?: string;
  url?: string;
}

/** Fills in the comment form of the page at hand. */
export async function type(page: Page, letter: Letter): Promise<void> {
  await page.getByLabel("Comment", { exact: false }).and(page.getByRole("textbox")).fill(letter.comment);
  await page.getByRole("textbox", { name: "Name" }).fill(letter.author);
  if (letter.email !== undefined) await page.getByRole("textbox", { name: "E-mail" }).fill(letter.email);
  if (letter.url !== undefined) await page.getByRole("textbox", { name: "Website" }).fill(letter.url);
}

/** Sends what is typed. */
export async function send(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Post comment" }).click();
}

/** Reads the article, and writes and sends a comment. */
export async function comment(page: Page, letter: Letter): Promise<void> {
  await page.goto("/");
  await type(page, letter);
  await send(page);
}

/** A comment's own box, by its author, wherever it is looked for. */
export function box(page: Page, author: string): Locator {
  return page.getByRole("article", { name: author, exact: true });
}

/** A published comment, by its author. */
export function published(page: Page, author: string): Locator {
  return page.getByRole("region", { name: /comment/i }).getByRole("article", { name: author, exact: true });
}
