import { type Locator, type Page } from "@playwright/test";

/** A comment in a list of the desk, by its author. */
export function card(desk: Page, author: string): Locator {
  return desk.getByRole("article", { name: author, exact: true });
}

/** Presses one of a card's buttons. */
export async function decide(desk: Page, author: string, verdict: "Approve" | "Spam" | "Reject" | "Hold") {
  await card(desk, author).getByRole("button", { name: verdict }).click();
}

/** What the desk says has just happened. */
export function flash(desk: Page): Locator {
  return desk.getByRole("status");
}

/** The way to the comments of one state. */
export function tab(desk: Page, state: "Held" | "Approved" | "Spam" | "Rejected" | "All"): Locator {
  return desk.getByRole("navigation", { name: "State" }).getByRole("link", { name: state });
}
