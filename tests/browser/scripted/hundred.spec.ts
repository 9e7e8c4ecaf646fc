import { type Page } from "@playwright/test";
import { card, flash, tab } from "../support/desk.ts";
import { expect, test } from "../support/test.ts";

/** What is done with a comment, and where it is found afterwards. */
const WAYS = {
  approve: { keys: ["a"], said: "Approved", state: "approved" },
  spam: { keys: ["s"], said: "Marked as spam", state: "spam" },
  reason: { keys: ["d", "3"], said: "Rejected: harassment", state: "rejected" },
  again: { keys: ["d", "Enter"], said: "Rejected: harassment", state: "rejected" },
  thought: { keys: ["s", "z", "a"], said: "Approved", state: "approved" },
} as const;
type Way = keyof typeof WAYS;

const SINGLE = 84;
const WAVE = 10;
const TURN: Way[] = ["approve", "spam", "reason", "again", "approve", "thought", "spam"];

/** Notes for each decision when the key went down, when the next card was painted, and how long the server took. */
async function watch(desk: Page) {
  await desk.evaluate(() => {
    const painted: number[] = [];
    Object.assign(window, { painted });
    performance.setResourceTimingBufferSize(2_000);
    let pressed = 0;
    document.addEventListener("keydown", () => (pressed = performance.now()), true);
    new MutationObserver((changes) => {
      const left = changes.some(({ removedNodes }) => [...removedNodes].some((node) => (node as Element).matches?.(".card")));
      if (!left) return;
      const since = pressed;
      // The frame after this one begins once this one is on the screen.
      requestAnimationFrame(() => requestAnimationFrame((at) => painted.push(Math.max(0, at - since))));
    }).observe(document.querySelector(".cards")!, { childList: true });
  });
}

async function measured(desk: Page) {
  return desk.evaluate(() => ({
    painted: (window as unknown as { painted: number[] }).painted,
    served: (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => name.endsWith("/admin/decide"))
      .map(({ requestStart, responseStart }) => responseStart - requestStart),
  }));
}

const quantile = (values: number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1];

// It counts what there is.
test.use({ house: "hundred" });

test("a hundred mixed comments are decided by keys alone", async ({ page, desk, request, moderato }) => {
  test.setTimeout(300_000);
  // As a reader's form sends them, without looking at each page.
  const send = async (author: string, text: string) => {
    const form = { article: moderato.article, comment: text, author };
    const answer = await request.post(moderato.at("/sites/demo/comments"), {
      form,
      headers: { accept: "application/json", origin: new URL(moderato.article).origin },
    });
    expect(answer.status()).toBe(201);
  };
  const words = ["river", "bakery", "council", "library", "ferry", "garden", "museum", "bridge", "market", "harbour"];
  const name = (n: number) => `Hanna ${words[n % 10]} ${words[Math.floor(n / 10)]}`;
  for (let n = 0; n < SINGLE; n++) {
    await send(name(n), `What ${name(n)} has to say of ${words[(n * 7) % 10]} number ${n}, with regards to all of you.`);
  }
  const adjectives = ["cheap", "fresh", "lovely", "great", "fine", "new", "rare", "real", "best", "gold"];
  for (const adjective of adjectives.slice(0, WAVE)) {
    await send(`Wave ${adjective}`, `You can buy ${adjective} watches for a few dollars at tick-tock.example if you are quick`);
  }
  for (const n of [1, 2, 3, 4, 5, 6]) await send(`Turned ${n}`, `Please move me to another queue, ${words[n]} ${words[n + 2]}.`);

  // From here on: keys, and nothing but keys.
  await desk.goto("/admin/?order=oldest&each=yes");
  await expect(desk.getByRole("article")).toHaveCount(25);
  await watch(desk);
  await desk.keyboard.press("j");
  for (let n = 0; n < SINGLE; n++) {
    await expect(card(desk, name(n))).toBeFocused();
    const { keys, said } = WAYS[TURN[n % TURN.length]];
    for (const [place, key] of keys.entries()) {
      await desk.keyboard.press(key);
      if (key === "z") await expect(card(desk, name(n))).toBeFocused();
      else if (place === keys.length - 1) await expect(flash(desk)).toContainText(said);
    }
    await expect(card(desk, name(n))).toHaveCount(0);
  }
  const { painted, served } = await measured(desk);

  // The wave is one decision of three keys.
  await expect(card(desk, "Wave cheap")).toBeFocused();
  await desk.keyboard.press("v");
  await expect(desk.getByRole("heading", { name: `${WAVE} comments like this` })).toBeVisible();
  await desk.keyboard.press("Enter");
  await expect(flash(desk)).toContainText(`Marked as spam: ${WAVE} comments`);

  // The last six are rejected, found in the queue of rejected ones, and held again there; and decided at last.
  await expect(desk.getByRole("article")).toHaveCount(6);
  for (let n = 6; n > 0; n--) {
    await expect(desk.getByRole("article")).toHaveCount(n);
    await desk.keyboard.press("d");
    await desk.keyboard.press("Enter");
    await expect(desk.getByRole("article")).toHaveCount(n - 1);
  }
  await desk.keyboard.press("g");
  await desk.keyboard.press("d");
  await expect(tab(desk, "Rejected")).toHaveAttribute("aria-current", "page");
  await desk.keyboard.press("j");
  for (let n = 6; n > 0; n--) {
    const first = desk.getByRole("article").first();
    await expect(first).toContainText("Please move me to another queue");
    await expect(first).toBeFocused();
    await desk.keyboard.press("u");
    await expect(flash(desk)).toContainText("Put back into the queue");
  }
  await desk.keyboard.press("g");
  await desk.keyboard.press("h");
  await expect(tab(desk, "Held")).toHaveAttribute("aria-current", "page");
  await desk.keyboard.press("j");
  for (let n = 6; n > 0; n--) {
    await expect(desk.getByRole("article")).toHaveCount(n);
    await desk.keyboard.press("a");
    await expect(desk.getByRole("article")).toHaveCount(n - 1);
  }
  await expect(flash(desk)).toContainText("Approved");

  // Every one of the hundred is where its keys have put it.
  const expected = { held: 0, approved: 6, spam: WAVE, rejected: 0 };
  for (let n = 0; n < SINGLE; n++) expected[WAYS[TURN[n % TURN.length]].state] += 1;
  await desk.goto("/admin/?state=all");
  for (const [queue, number] of Object.entries(expected)) {
    await expect(desk.locator(`.tabs a[data-queue=${queue}] .count`)).toHaveText(`${number}`);
  }
  expect(Object.values(expected).reduce((a, b) => a + b)).toBe(100);
  const decisions = SINGLE + TURN.reduce((sum, way, place) =>
    sum + (way === "thought" ? Math.floor((SINGLE - place - 1) / TURN.length) + 1 : 0), 0);
  expect(served).toHaveLength(decisions);
  expect(painted).toHaveLength(decisions);
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  console.log(
    `${decisions} decisions: server p50 ${ms(quantile(served, 0.5))}, p95 ${ms(quantile(served, 0.95))}; `
      + `key to the next card painted p50 ${ms(quantile(painted, 0.5))}, p95 ${ms(quantile(painted, 0.95))}`,
  );
});
