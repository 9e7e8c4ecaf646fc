// Answers without loading the page again. Without this file the "Reply" links do the same by loading it.
const form = document.getElementById("comment-form");
const note = document.getElementById("replying");

function answer(id, name) {
  form.elements.parent.value = id;
  note.querySelector("strong").textContent = name;
  note.hidden = !id;
}

document.addEventListener("click", (event) => {
  if (!form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const reply = event.target.closest("a[data-reply-to]");
  const cancel = event.target.closest("#replying a");
  if (!reply && !cancel) return;
  event.preventDefault();
  answer(reply ? reply.dataset.replyTo : "", reply ? reply.dataset.replyName : "");
  form.elements.comment.focus();
});

// Exact times in the reader's own words and time zone.
const exact = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) time.title = exact.format(at);
}
