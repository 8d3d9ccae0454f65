// Runs the model beside the page: on the GPU through WebGPU, else on the CPU.

const FOLDER = new URL("onnxruntime-web/", import.meta.url).href;
let inputs = [];
let model = null;
let wanted = "";         // "cpu" or "gpu", where the page's address says so
let running = null; // {ort, session, device}

async function start(kind) {
  const ort = await import(`${FOLDER}ort.${kind}.min.mjs`);
  ort.env.wasm.wasmPaths = FOLDER;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(model, {executionProviders: [kind]});
  const threads = self.crossOriginIsolated ? ort.env.wasm.numThreads || "several" : 1;
  const device = kind === "webgpu" ? "the GPU" : `the CPU, ${threads} thread${threads === 1 ? "" : "s"}`;
  return {kind, ort, session, device};
}

// Whether there is a GPU; a program that only acts as one is slower than the CPU.
async function hasGpu() {
  if (wanted === "cpu") return false;
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return false;
  return wanted === "gpu" || !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}

async function startBest() {
  if (await hasGpu()) {
    try {
      return await start("webgpu");
    } catch (error) {
      console.warn("WebGPU cannot run the model; the CPU does.", error);
    }
  }
  return start("wasm");
}

async function paint({data, width, height, brush, seed, draft}) {
  const {ort, session} = running;
  const pixels = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    pixels[to++] = data[from];
    pixels[to++] = data[from + 1];
    pixels[to++] = data[from + 2];
  }
  const all = {
    image: new ort.Tensor("uint8", pixels, [1, height, width, 3]),
    brush: new ort.Tensor("float32", Float32Array.of(brush), []),
    seed: new ort.Tensor("int64", BigInt64Array.of(BigInt(seed)), []),
    draft: new ort.Tensor("bool", Uint8Array.of(draft ? 1 : 0), []),
  };
  const feeds = Object.fromEntries(inputs.map(name => [name, all[name]]));
  const {painting} = await session.run(feeds);
  const painted = await painting.getData();
  const result = new Uint8ClampedArray(data.length).fill(255);
  for (let from = 0, to = 0; to < result.length; to += 4) {
    result[to] = painted[from++];
    result[to + 1] = painted[from++];
    result[to + 2] = painted[from++];
  }
  return result;
}

async function paintSafely(work) {
  try {
    return await paint(work);
  } catch (error) {
    if (running.kind !== "webgpu") throw error;
    console.warn("WebGPU failed; the CPU paints.", error);
    running = await start("wasm");
    return paint(work);
  }
}

async function answer(message) {
  if (message.model) {
    ({inputs, wanted} = message);
    const response = await fetch(new URL(message.model, import.meta.url));
    if (!response.ok) throw new Error(`${message.model} is missing`);
    model = await response.arrayBuffer();
    running = await startBest();
    return {ready: true, device: running.device};
  }
  const started = performance.now();
  const data = await paintSafely(message);
  const seconds = (performance.now() - started) / 1000;
  const {number, width, height} = message;
  return {number, data, width, height, seconds, device: running.device};
}

let queue = Promise.resolve(); // one after the other: the model is loaded first
self.onmessage = ({data}) => {
  queue = queue.then(() => answer(data)).then(
    result => self.postMessage(result, result.data ? [result.data.buffer] : []),
    error => self.postMessage({problem: `The model cannot be run: ${error.message ?? error}`}),
  );
};
