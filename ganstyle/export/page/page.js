// The page: takes a photo, has it painted by worker.js, shows both, and saves the painting.

const facts = JSON.parse(document.getElementById("facts").textContent);
const at = id => document.getElementById(id);
const compare = at("compare"), before = at("before"), after = at("after");

let photo = null;        // ImageBitmap
let name = "photo";
let seed = facts.seed;
let asked = 0;           // number of the last painting asked for
let busy = false;

function say(text, failed = false) {
  at("status").textContent = text;
  at("status").classList.toggle("failed", failed);
}

// Threads need two headers that a plain server does not send: headers.js adds them, once the page
// has been loaded anew.
async function isolate() {
  if (self.crossOriginIsolated || !navigator.serviceWorker || sessionStorage.isolated) return;
  try {
    await navigator.serviceWorker.register(new URL("headers.js", import.meta.url));
    await navigator.serviceWorker.ready;
    sessionStorage.isolated = "tried";
    location.reload();
    await new Promise(() => {}); // until the page is gone
  } catch {
    // One thread will do.
  }
}

const breadth = () => at("brush") ? 2 ** at("brush").value : facts.brush;

// Large photos are reduced to the chosen size: memory grows with it.
function size() {
  const ratio = Math.min(1, Math.sqrt(at("pixels").value * 1e6 / (photo.width * photo.height)));
  return [photo.width, photo.height].map(side => Math.max(1, Math.round(side * ratio)));
}

function paint() {
  asked += 1;
  if (!photo || busy) return;
  const [width, height] = size();
  for (const canvas of [before, after]) Object.assign(canvas, {width, height});
  const context = before.getContext("2d", {willReadFrequently: true});
  context.fillStyle = "#fff"; // beneath what is transparent
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, width, height);
  const {data} = context.getImageData(0, 0, width, height);
  after.getContext("2d").drawImage(before, 0, 0);
  compare.hidden = false;
  at("drop").classList.add("small");
  compare.classList.add("busy");
  at("save").disabled = true;
  busy = true;
  say(`Painting ${width} × ${height} pixels.`);
  const draft = at("kind") ? at("kind").value === "draft" : facts.draft;
  worker.postMessage({number: asked, data, width, height, brush: breadth(), seed, draft});
}

function show({number, data, width, height, seconds, device}) {
  busy = false;
  if (number !== asked) return paint(); // a dial was turned in the meantime
  after.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  compare.classList.remove("busy");
  at("save").disabled = at("again").disabled = false;
  say(`Painted ${width} × ${height} pixels in ${seconds.toFixed(1)} s on ${device}.`);
}

await isolate();
const worker = new Worker(new URL("worker.js", import.meta.url), {type: "module"});
worker.onmessage = ({data}) => {
  if (data.ready) {
    if (!photo) say(`Ready, on ${data.device}.`);
  } else if (data.problem) {
    busy = false;
    compare.classList.remove("busy");
    say(data.problem, true);
  } else {
    show(data);
  }
};
worker.onerror = event => say(`The model cannot be run: ${event.message ?? "no worker"}.`, true);
const wanted = new URLSearchParams(location.search).get("device") ?? "";
worker.postMessage({model: facts.model, inputs: facts.inputs, wanted});

async function take(file) {
  if (!file) return;
  try {
    photo = await createImageBitmap(file);
  } catch {
    say(`${file.name}: this browser cannot read it as a picture.`, true);
    return;
  }
  name = file.name.replace(/\.[^.]*$/, "");
  paint();
}

at("file").addEventListener("change", event => take(event.target.files[0]));
at("drop").addEventListener("keydown", event => event.key === "Enter" && at("file").click());
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, event => {
    event.preventDefault();
    at("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files[0]);
  });
}

for (const id of ["brush", "kind", "pixels"]) at(id)?.addEventListener("change", paint);
at("brush")?.addEventListener("input", () => {
  at("breadth").textContent = breadth().toFixed(2).replace(/\.?0+$/, "");
});
at("again").addEventListener("click", () => {
  seed += 1;
  paint();
});
at("dials").addEventListener("submit", event => event.preventDefault());

at("save").addEventListener("click", () => after.toBlob(blob => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name}-${facts.style}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}));

const slider = at("slider");
const cut = () => compare.style.setProperty("--at", slider.value + "%");
const follow = event => {
  const box = compare.getBoundingClientRect();
  slider.value = 100 * (event.clientX - box.left) / box.width;
  cut();
};
slider.addEventListener("input", cut);
compare.addEventListener("pointerdown", event => compare.setPointerCapture(event.pointerId));
compare.addEventListener("pointermove", event => {
  const scrolls = Math.abs(event.movementY) > Math.abs(event.movementX);
  if (event.buttons && !(scrolls && event.pointerType === "touch")) follow(event);
});
compare.addEventListener("click", event => {
  follow(event);
  slider.focus({preventScroll: true});
});
cut();
