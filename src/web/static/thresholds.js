// Sliders beside the two numbers, on the scale of the drawing. The page itself is the preview: it is fetched again as the
// form would, and the parts that follow from the thresholds take its place.
const form = document.querySelector("[data-cuts]");
const preview = document.querySelector("[data-preview]");
const scale = () => preview.querySelector(".scores").dataset;

const place = (p) => Math.min(Math.max(Math.log(p / (1 - p)) / scale().most, -1), 1) / 2 + 0.5;
// At the ends stand certainty and, for turning away, never.
const number = (x, field) => {
  if (x <= 0) return 0;
  if (x >= 1) return Number(field.max);
  return Number((1 / (1 + Math.exp(-scale().most * (2 * x - 1)))).toPrecision(3));
};

const sliders = [...form.querySelectorAll("[data-slider]")];
const field = (slider) => form.elements[slider.dataset.slider];

function follow(slider) {
  const p = field(slider).valueAsNumber;
  const at = p >= 1 ? 1 : place(p);
  if (Number.isNaN(at)) return;
  slider.value = Math.round(1000 * at);
  slider.setAttribute("aria-valuetext", field(slider).value);
  const line = preview.querySelector(`[data-line="${slider.dataset.slider}"]`);
  const x = Number(scale().left) + scale().width * at;
  line?.setAttribute("x1", x);
  line?.setAttribute("x2", x);
}

// The first cut never lies above the second one: the other one is taken along.
function slide(slider) {
  const [low, high] = sliders.map(field);
  field(slider).value = number(slider.value / 1000, field(slider));
  if (low.valueAsNumber > high.valueAsNumber) {
    if (field(slider) === low) high.value = low.value;
    else low.value = high.value;
  }
  sliders.forEach(follow);
}

let asked = 0;
async function show() {
  if (!form.checkValidity()) return;
  const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  const mine = ++asked;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-preview]");
    // A slower answer to an earlier question is no answer any more.
    if (mine !== asked || !fresh) return;
    const open = [...preview.querySelectorAll("details")].map((details) => details.open);
    preview.replaceChildren(...fresh.childNodes);
    preview.querySelectorAll("details").forEach((details, index) => { details.open = open[index]; });
    history.replaceState(null, "", address);
    sliders.forEach(follow);
  } catch {
    // The server is away for a moment; the button still asks it.
  }
}

for (const slider of sliders) {
  slider.hidden = false;
  slider.addEventListener("input", () => slide(slider));
  slider.addEventListener("change", show);
  field(slider).addEventListener("change", () => { sliders.forEach(follow); show(); });
  follow(slider);
}
