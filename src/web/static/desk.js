// Keys for the desk. Every one of them presses something that is on the page anyway.
const cards = [...document.querySelectorAll(".card")];
const dialog = document.getElementById("keys");
const switchedOn = document.getElementById("keys-on");

// Single keys can be switched off (WCAG 2.1.4); the choice stays in this browser.
const REMEMBER = "moderato-keys";
if (switchedOn) {
  switchedOn.checked = localStorage.getItem(REMEMBER) !== "off";
  switchedOn.addEventListener("change", () => localStorage.setItem(REMEMBER, switchedOn.checked ? "on" : "off"));
}

// The card the keys act on: the one with the focus, or the first one.
let at = Math.max(0, cards.findIndex((card) => "#" + card.id === location.hash));

function go(to) {
  if (!cards.length) return;
  at = Math.min(Math.max(to, 0), cards.length - 1);
  cards[at].focus({ preventScroll: true });
  cards[at].scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const index = cards.indexOf(event.target.closest(".card"));
  if (index >= 0) at = index;
});

const press = (selector) => cards[at]?.querySelector(selector)?.click();
const actions = {
  j: () => go(cards.includes(document.activeElement?.closest(".card")) ? at + 1 : at),
  k: () => go(at - 1),
  a: () => press('[data-key="a"]'),
  s: () => press('[data-key="s"]'),
  d: () => press('[data-key="d"]'),
  u: () => press('[data-key="u"]'),
  o: () => press("a.when"),
  z: () => document.querySelector("[data-undo]")?.requestSubmit(),
  "/": () => document.getElementById("search")?.focus(),
  "?": () => dialog?.showModal(),
};

let leaving = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  const action = actions[event.key];
  if (!action || leaving || (switchedOn && !switchedOn.checked && event.key !== "?")) return;
  event.preventDefault();
  action();
});

// One decision a page load: a second press while the first is on its way would hit the wrong comment.
document.addEventListener("submit", (event) => {
  if (event.target.method === "post") leaving = true;
});
addEventListener("pageshow", () => { leaving = false; });

// After a decision the list comes back with the next card first: be there.
if (document.querySelector(".flash") && !location.hash) go(0);
else if (location.hash) go(at);

// A training at work tells how far it is.
const work = document.querySelector("[data-poll]");
async function follow() {
  try {
    const answer = await fetch(work.dataset.poll, { headers: { accept: "application/json" } });
    if (answer.ok) {
      const { done, phase, running } = await answer.json();
      if (!running) return location.reload();
      const said = work.querySelector("[data-phase]");
      if (said.textContent !== phase) said.textContent = phase;
      const percent = work.querySelector("[data-percent]");
      // A page that began without a share has no place for one: load it again.
      if (done !== null && !percent) return location.reload();
      if (done !== null) {
        work.querySelector("progress").value = done;
        percent.textContent = Math.round(done * 100);
      }
    }
  } catch {
    // The server is away for a moment; the next round asks again.
  }
  setTimeout(follow, 1000);
}
if (work) follow();
