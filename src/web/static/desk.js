// The desk, faster: keys, decisions without a page load, undo after undo, and what others do while this page is open.
// Everything here presses something that is on the page anyway, and without it each button is an ordinary form.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---- Which key does what -------------------------------------------------------------------------------------------

const WORDPRESS = {
  next: "j", previous: "k", approve: "a", spam: "s", reject: "d", hold: "u", undo: "z", why: "w", open: "o",
  conversation: "c", author: "h", note: "n", ban: "b", tick: "x", campaign: "v", queue: "t", fresh: ".", search: "/",
  reply: "r", quick: "q", edit: "e",
};
const PRESETS = { wordpress: WORDPRESS, coral: { ...WORDPRESS, approve: "f", hold: "h", author: "y" } };
// After `g`: straight to a queue.
const QUEUES = { h: "held", r: "reported", c: "unchecked", a: "approved", s: "spam", d: "rejected", l: "all" };

const REMEMBER = "moderato-keys";
const choice = { on: true, preset: "wordpress", own: {}, ...remembered() };

function remembered() {
  const kept = localStorage.getItem(REMEMBER);
  if (kept === "on" || kept === "off") return { on: kept === "on" };
  try {
    return JSON.parse(kept) ?? {};
  } catch {
    return {};
  }
}

const keyOf = (action) => choice.own[action] ?? (PRESETS[choice.preset] ?? WORDPRESS)[action];

function remember() {
  localStorage.setItem(REMEMBER, JSON.stringify(choice));
  showKeys();
}

/** Writes the keys in force wherever one is shown. */
function showKeys() {
  for (const shown of $$("[data-key-of]")) {
    const key = keyOf(shown.dataset.keyOf);
    if (shown.matches("input")) shown.value = key;
    else shown.textContent = key;
  }
}

const dialog = $("#keys");
if (dialog) {
  const on = $("#keys-on");
  const preset = $("#keys-preset");
  on.checked = choice.on;
  preset.value = choice.preset;
  on.addEventListener("change", () => { choice.on = on.checked; remember(); });
  preset.addEventListener("change", () => { choice.preset = preset.value; choice.own = {}; remember(); });
  dialog.addEventListener("input", ({ target }) => {
    const action = target.dataset.keyOf;
    const key = target.value.trim().slice(-1).toLowerCase();
    if (!action || !key) return;
    // Two actions on one key would be a surprise: the other one gets what this one had.
    const other = Object.keys(WORDPRESS).find((name) => name !== action && keyOf(name) === key);
    if (other) choice.own[other] = keyOf(action);
    choice.own[action] = key;
    remember();
  });
  dialog.addEventListener("focusin", ({ target }) => target.dataset.keyOf && target.select());
  showKeys();
  for (const button of $$("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
}

// ---- The cursor ----------------------------------------------------------------------------------------------------

const list = $(".cards");
// Where a decided comment leaves the list, the next one can be there before the server has answered.
const flowing = list?.hasAttribute("data-flowing");
const cards = () => $$(".card", list ?? document);
let current = null;

/** The card whose sheet is shown where there is a list beside it. */
function show(card) {
  if (!card || !list?.contains(card)) return;
  if (current !== card) current?.classList.remove("current");
  current?.removeAttribute("aria-current");
  current = card;
  card.classList.add("current");
  card.setAttribute("aria-current", "true");
}

function go(card) {
  if (!card) return;
  show(card);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

/** The card the keys act on: the one with the focus, or the one that had it, or the first. */
function at() {
  const focused = document.activeElement?.closest(".card");
  if (focused) return focused;
  return current?.isConnected ? current : cards()[0];
}

function step(by) {
  const all = cards();
  const place = all.indexOf(document.activeElement?.closest(".card") ?? current);
  go(place < 0 ? all[0] : all[Math.min(Math.max(place + by, 0), all.length - 1)]);
}

document.addEventListener("focusin", ({ target }) => show(target.closest(".card")));
list?.addEventListener("click", (event) => {
  const row = event.target.closest(".card-row");
  if (!row || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  go(row.closest(".card"));
});

const press = (selector) => { const card = at(); if (card) $(selector, card)?.click(); };
const verdict = (name) => () => press(`.verdicts [value="${name}"]`);
const actions = {
  next: () => step(1),
  previous: () => step(-1),
  approve: verdict("approve"),
  spam: verdict("spam"),
  reject: because,
  hold: verdict("hold"),
  undo,
  reply: () => write("reply"),
  quick: () => write("edit"),
  edit: () => press('[data-write="edit"]'),
  why: () => press(".whole"),
  open: () => press("a.when"),
  conversation: () => press("a.conversation"),
  author: () => press("a.record"),
  note: () => { const record = $("a.record", at() ?? document); if (record) location.assign(record.href + "#note"); },
  ban: () => press("a.ban"),
  tick: () => press(".pick"),
  campaign: () => press("a.alike"),
  queue: () => {
    const tabs = $$(".tabs a");
    const here = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
    tabs[(here + 1) % tabs.length]?.click();
  },
  fresh: () => location.reload(),
  search: () => $("#search")?.focus(),
};

// With Shift the same keys are for all that are ticked.
const together = (name) => () => $(`#bulk button[value="${name}"]`)?.click();
const MANY = {
  approve: together("approve"),
  spam: together("spam"),
  reject: together("reject"),
  hold: together("hold"),
  tick: () => {
    const picks = $$(".pick");
    const all = picks.every((pick) => pick.checked);
    for (const pick of picks) pick.checked = !all;
  },
};

let leading = false;
document.addEventListener("keydown", (event) => {
  if (writing(event) || choosing(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  if (event.key === "?") {
    event.preventDefault();
    return dialog?.showModal();
  }
  if (!choice.on) return;
  if (leading) {
    leading = false;
    const tab = $(`.tabs a[data-queue="${QUEUES[event.key]}"]`);
    if (tab) { event.preventDefault(); tab.click(); }
    return;
  }
  // What a page offers by keys of its own: the second key of a ban.
  const own = $(`[data-key="${CSS.escape(event.key)}"]`);
  if (own && !leaving) { event.preventDefault(); return own.click(); }
  leading = event.key === "g";
  if (event.shiftKey && event.key !== event.key.toLowerCase()) {
    const many = Object.keys(MANY).find((name) => keyOf(name) === event.key.toLowerCase());
    if (many) { event.preventDefault(); MANY[many](); }
    return;
  }
  const action = Object.keys(WORDPRESS).find((name) => keyOf(name) === event.key);
  const arrow = { ArrowDown: "next", ArrowUp: "previous" }[document.activeElement?.closest(".card") && event.key];
  if (!(action ?? arrow) || leaving || (event.repeat && !["next", "previous"].includes(action ?? arrow))) return;
  event.preventDefault();
  actions[action ?? arrow]();
});

// A click with Shift ticks everything since the one before.
let ticked = null;
document.addEventListener("click", (event) => {
  const { target } = event;
  if (!target.matches?.(".pick")) return;
  const picks = $$(".pick");
  if (event.shiftKey && ticked?.isConnected) {
    const [from, to] = [picks.indexOf(ticked), picks.indexOf(target)].sort((a, b) => a - b);
    for (const pick of picks.slice(from, to + 1)) pick.checked = target.checked;
  }
  ticked = target;
});

// ---- Why it is rejected --------------------------------------------------------------------------------------------

const REASON = "moderato-reason";

/** Asks for a reason on the card: a number, or Enter for the last one; once more for none. */
function because() {
  const card = at();
  const menu = card && $(".because", card);
  if (!menu) return;
  const plain = $('.verdicts [value="reject"]', card);
  if (menu.open && plain) return plain.click();
  menu.open = true;
  ($(`[value="${localStorage.getItem(REASON)}"]`, menu) ?? plain ?? $("button", menu)).focus();
}

/** Keys while the reasons are open. */
function choosing(event) {
  const menu = event.target.closest(".verdicts")?.querySelector(".because[open]");
  const button = menu && $$("button", menu)[Number(event.key) - 1];
  if (!button && !(menu && event.key === "Escape")) return false;
  event.preventDefault();
  if (button) button.click();
  else {
    menu.open = false;
    go(menu.closest(".card"));
  }
  return true;
}

/** The reasons close, and the one chosen is at hand the next time. */
function reasoned(card, button) {
  const menu = $(".because", card);
  if (menu) menu.open = false;
  if (button.name === "reason") localStorage.setItem(REASON, button.value);
  else if (button.value === "reject") localStorage.removeItem(REASON);
}

// ---- Answering and editing on the card -----------------------------------------------------------------------------

async function read(address) {
  const answer = await fetch(address);
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

/** What is typed while the form is on its way: text, never a shortcut. */
let typed = null;

/** Sets the form of a page of its own into the card. */
async function write(what) {
  const card = at();
  const link = card && $(`[data-write="${what}"]`, card);
  if (!link) return;
  if (!flowing) return link.click();
  $(".cards .write")?.remove();
  typed = "";
  try {
    const form = $(".write", (await read(link.href)) ?? document);
    if (!form) return link.click();
    $(".card-text", card).append(form);
    const text = $("textarea", form);
    text.focus();
    text.setRangeText(typed, text.selectionEnd, text.selectionEnd, "end");
  } finally {
    typed = null;
  }
}

/** Keys while something is written. */
function writing(event) {
  if (typed !== null) {
    if (event.ctrlKey || event.metaKey || event.altKey) return true;
    if (event.key === "Enter") typed += "\n";
    else if (event.key.length === 1) typed += event.key;
    event.preventDefault();
    return true;
  }
  const form = event.target.closest(".card .write");
  if (!form) return false;
  if (event.key === "Escape") close(form);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  return true;
}

function close(form) {
  const card = form.closest(".card");
  form.remove();
  go(card);
}

document.addEventListener("click", (event) => {
  const form = event.target.closest(".card .write [data-close]")?.closest(".write");
  if (!form) return;
  event.preventDefault();
  close(form);
});

/** Sends what was written. Nothing of it is lost when that cannot be done. */
async function send(card, form) {
  const button = $(".primary", form);
  if (button.disabled) return;
  button.disabled = true;
  try {
    await underway;
    const { message, undo: own } = await post(form.action, new FormData(form));
    undoable = own;
    say(message, own && undo);
    form.remove();
    const { queue } = $(".tabs a[aria-current]").dataset;
    if (form.action.endsWith("/reply") && !["approved", "reported"].includes(queue)) leave(card);
    else await renew(card);
  } catch (error) {
    button.disabled = false;
    say(error.message);
    // Whoever has read that somebody was quicker may send it all the same.
    const fresh = error.status === 409 && $(".write [name=version]", (await read(form.action)) ?? document);
    if (fresh) $("[name=version]", form).value = fresh.value;
    $("textarea", form).focus();
  }
}

/** The card as it is now. */
async function renew(card) {
  const fresh = (await read(location.href))?.getElementById(card.id);
  if (!fresh) return location.reload();
  card.replaceWith(fresh);
  showKeys();
  go(fresh);
}

// ---- The account of a score ----------------------------------------------------------------------------------------

/** Opens the account beside the comment, and closes it again. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest(".card .whole");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const panel = link.closest(".card-why");
  const open = $(".account", panel);
  const account = open ? null : $(".account", (await read(link.href)) ?? document);
  if (!open && !account) return location.assign(link.href);
  open?.remove();
  if (account) panel.append(account);
  link.setAttribute("aria-expanded", String(!open));
  (account ?? link).scrollIntoView({ block: "nearest" });
});

// ---- Deciding and undoing ------------------------------------------------------------------------------------------

let leaving = false;
/** The decision that undo takes back next, if this page knows it; the server knows it as well. */
let undoable = null;
/** Cards that have left, by comment, with what stood behind them. */
const gone = new Map();
/** Decisions on their way; undo waits for them. */
let underway = Promise.resolve();

const say = (message, undo) => {
  let box = $(".flash");
  if (!box) {
    box = Object.assign(document.createElement("div"), { className: "flash", role: "status" });
    ($(".foot") ?? $("main")).append(box);
  }
  box.replaceChildren(Object.assign(document.createElement("p"), { textContent: message }));
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.append("Undo", Object.assign(document.createElement("kbd"), { textContent: keyOf("undo"), ariaHidden: "true" }));
    button.addEventListener("click", undo);
    box.append(button);
  }
};

async function post(address, fields) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(fields),
    // A decision is not lost when the page is left right after it.
    keepalive: true,
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.detail || said.title), { status: answer.status });
  return said;
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const card = form.closest(".card");
  if (form.method !== "post" || form.enctype === "multipart/form-data") return;
  if (flowing && card && form.matches(".write")) {
    event.preventDefault();
    return send(card, form);
  }
  if (!flowing || !card || !form.matches(".verdicts") || !submitter) {
    // One decision a page load: a second press while the first is on its way would hit the wrong comment.
    leaving = true;
    return;
  }
  event.preventDefault();
  decide(card, form, submitter);
});
addEventListener("pageshow", () => { leaving = false; });

function decide(card, form, button) {
  const fields = new FormData(form, button);
  reasoned(card, button);
  leave(card);
  const sent = underway.then(() => post(form.action, fields));
  underway = sent.then(
    ({ message, undo: own }) => {
      undoable = own;
      say(message, own && undo);
    },
    (error) => {
      // Nothing was decided: it is back where it was, and says why.
      bringBack(fields.get("comment"));
      rest(card, error.message);
      say(error.message);
      go(card);
    },
  );
}

/** Takes a card out of the list; the cursor goes on. */
function leave(card) {
  const behind = card.nextElementSibling;
  const next = behind ?? card.previousElementSibling;
  card.remove();
  showEmpty();
  gone.set(card.id.slice(2), { card, behind });
  count(-1);
  if (next) go(next);
  more();
  if (card.hasAttribute("data-folded")) unfold(behind);
}

/** What stood behind the row of a campaign comes forward when that has left. */
async function unfold(behind) {
  // Its own decision is sent right after it has left.
  await null;
  await underway;
  const page = await read(location.href);
  const fresh = page && $$(".card", page).find((one) => !document.getElementById(one.id) && !gone.has(one.id.slice(2)));
  if (!fresh) return;
  list.insertBefore(fresh, behind?.isConnected ? behind : null);
  showEmpty();
  showKeys();
  if (!current?.isConnected) go(fresh);
}

function showEmpty() {
  const empty = cards().length === 0;
  $(".empty").hidden = !empty || Boolean($("a[rel=next]"));
  list.hidden = empty;
}

function bringBack(comment) {
  const { card, behind } = gone.get(comment) ?? {};
  if (!card || !list) return null;
  gone.delete(comment);
  list.insertBefore(card, behind?.isConnected ? behind : null);
  showEmpty();
  count(1);
  return card;
}

/** Many comments come back at once: with the page they belong to. */
function undoBatch(batch) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: "/admin/undo", hidden: true });
  for (const [name, value] of Object.entries({ batch, back: location.pathname + location.search })) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.requestSubmit();
}

function undo() {
  const shown = $("[data-undo]");
  if (!flowing || (!undoable && shown)) return shown?.requestSubmit();
  if (undoable?.batch) return undoBatch(undoable.batch);
  underway = underway.then(async () => {
    try {
      const { message, comment, version, undo: next } = await post("/admin/undo", undoable ?? {});
      undoable = next;
      say(message, next && undo);
      const there = document.getElementById("c-" + comment);
      if (there) return renew(there);
      const card = comment && bringBack(comment);
      if (!card) return location.reload();
      $("[name=version]", card).value = version;
      go(card);
    } catch (error) {
      say(error.message);
    }
  });
}

/** A card that is decided on elsewhere: it stays where it is, and cannot be pressed. */
function rest(card, words) {
  if (!card || card.classList.contains("resting")) return;
  card.classList.add("resting");
  for (const button of $$(".verdicts button", card)) button.disabled = true;
  const note = document.createElement("p");
  note.className = "elsewhere";
  note.textContent = words;
  $(".verdicts", card)?.append(note);
  const glimpse = $(".glimpse", card);
  if (glimpse) glimpse.textContent = words;
}

// ---- The list goes on ----------------------------------------------------------------------------------------------

let fetching = false;
async function more() {
  const link = $("a[rel=next]");
  if (!link || fetching || cards().length > 8) return;
  fetching = true;
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set(cards().map((card) => card.id));
    list.append(...$$(".card", page).filter((card) => !known.has(card.id) && !gone.has(card.id.slice(2))));
    showEmpty();
    const next = $("a[rel=next]", page);
    if (next) link.href = next.href;
    else link.closest("p").remove();
    showKeys();
  } finally {
    fetching = false;
  }
}

// ---- What others do ------------------------------------------------------------------------------------------------

const number = (node) => Number(node.textContent.replace(/\D/g, ""));
const written = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

function count(by) {
  const shown = $(".tabs a[aria-current] .count");
  if (shown) shown.textContent = written(Math.max(0, number(shown) + by));
}

if (list) {
  const events = new EventSource("/admin/events");
  const live = $(".liveness");
  const tell = (is) => {
    if (!live) return;
    live.hidden = false;
    live.classList.toggle("not", !is);
    live.textContent = is ? "live" : "not live";
  };
  events.addEventListener("open", () => tell(true));
  events.addEventListener("error", () => tell(false));
  events.addEventListener("decided", ({ data }) => {
    const { comment, version, words } = JSON.parse(data);
    const card = document.getElementById("c-" + comment);
    if (card && Number($("[name=version]", card)?.value) < version) rest(card, words);
  });
  events.addEventListener("behind", () => say("Much has been decided elsewhere: load this page again to see it."));
  const choosing = !$("#site")?.value;
  let first = null;
  events.addEventListener("counts", ({ data }) => {
    const counts = JSON.parse(data);
    first ??= counts;
    if (!choosing) return;
    for (const [queue, value] of Object.entries(counts)) {
      const shown = $(`.tabs a[data-queue="${queue}"] .count`);
      if (shown) shown.textContent = written(value);
    }
    const queue = $(".tabs a[aria-current]")?.dataset.queue;
    const fresh = $(".fresh");
    const added = counts[queue] - first[queue] + gone.size;
    if (fresh && added > 0) {
      fresh.hidden = false;
      $("a", fresh).firstChild.textContent = `${added} new`;
    }
  });
  addEventListener("pagehide", () => events.close());
}

// After a decision the list comes back with the next card first: be there.
if (location.hash) go(document.getElementById(location.hash.slice(1)));
else if ($(".flash")) go(cards()[0]);

// ---- A training at work tells how far it is ------------------------------------------------------------------------

const work = $("[data-poll]");
async function follow() {
  try {
    const answer = await fetch(work.dataset.poll, { headers: { accept: "application/json" } });
    if (answer.ok) {
      const { done, phase, running } = await answer.json();
      if (!running) return location.reload();
      const said = $("[data-phase]", work);
      if (said.textContent !== phase) said.textContent = phase;
      const percent = $("[data-percent]", work);
      // A page that began without a share has no place for one: load it again.
      if (done !== null && !percent) return location.reload();
      if (done !== null) {
        $("progress", work).value = done;
        percent.textContent = Math.round(done * 100);
      }
    }
  } catch {
    // The server is away for a moment; the next round asks again.
  }
  setTimeout(follow, 1000);
}
if (work) follow();
