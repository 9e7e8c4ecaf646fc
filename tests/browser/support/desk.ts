import { expect, type Locator, type Page } from "@playwright/test";

/** A comment in a list of the desk, by its author. */
export function card(desk: Page, author: string): Locator {
  return desk.getByRole("article", { name: author, exact: true });
}

/** A comment with all there is to see and press: beside the list, its row has to be chosen first. */
export async function opened(desk: Page, author: string): Promise<Locator> {
  await expect(card(desk, author)).toBeVisible();
  const row = card(desk, author).locator("> a");
  if (await row.isVisible()) await row.click();
  return card(desk, author);
}

/** Presses one of a card's buttons. */
export async function decide(desk: Page, author: string, verdict: "Approve" | "Spam" | "Reject" | "Hold") {
  await (await opened(desk, author)).getByRole("button", { name: verdict }).click();
}

/** What the desk says has just happened. */
export function flash(desk: Page): Locator {
  return desk.getByRole("status");
}

/** The way to a queue; its number is part of the link. */
export function tab(desk: Page, queue: "Held" | "Approved" | "Spam" | "Spam to check" | "Rejected" | "All"): Locator {
  return desk.getByRole("navigation", { name: "Queues" }).getByRole("link", { name: new RegExp(`^${queue}\\s[\\d,.\\u202f\\s]+$`) });
}
