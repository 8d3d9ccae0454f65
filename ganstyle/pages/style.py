"""The looks of a page, and the script that moves the dividers of its comparisons."""

STYLE = r"""
:root {
  --paper: #f4f1e9; --card: #fdfbf6; --ink: #1d2630; --soft: #646c75; --rule: #dfdacd;
  --accent: #b23f27; --c0: #2a5b9e; --c1: #c8502f; --c2: #3b8460; --c3: #a97a10; --c4: #83509a;
  --c5: #1d8390;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1319; --card: #161d26; --ink: #dcd9d0; --soft: #8f98a3; --rule: #27313c;
    --accent: #f0805f; --c0: #74a5ea; --c1: #f0805f; --c2: #74c296; --c3: #dcb24f; --c4: #c593d8;
    --c5: #5cc1cc;
  }
  img { filter: brightness(.92); }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
main { max-width: 72rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem); }
h1 { margin: 0; font-size: clamp(1.8rem, 6vw, 2.8rem); line-height: 1.15; font-weight: 650; }
h2 { margin: 0 0 .5rem; font-size: 1.3rem; font-weight: 650; }
section { margin-top: 3.5rem; }
p { max-width: 44rem; margin: 0 0 1.2rem; color: var(--soft); }
header p { margin: .4rem 0 0; }
header dl {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, max-content));
  gap: 1rem 2.5rem; margin: 0;
}
header dl div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.3; }
dt { font-size: .85rem; color: var(--soft); }
progress {
  display: block; width: 100%; height: 6px; margin: 1.4rem 0 1.2rem; border: 0; appearance: none;
  border-radius: 3px; background: var(--rule); overflow: hidden;
}
progress::-webkit-progress-bar { background: var(--rule); }
progress::-webkit-progress-value { background: var(--accent); }
progress::-moz-progress-bar { background: var(--accent); }
.grid { display: grid; gap: 1.2rem; align-items: start; }
.grid { grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
.grid.medium { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.grid.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 28rem), 1fr)); }
figure { margin: 0 0 1.2rem; padding: 1.1rem; border-radius: 12px; background: var(--card); }
.grid figure { margin: 0; }
.grid + p { margin-top: 1.2rem; }
figure > p { margin: .6rem 0 0; font-size: .85rem; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
.legend, .bars { list-style: none; margin: 0 0 .6rem; padding: 0; font-size: .9rem; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; color: var(--soft); }
.legend b { color: var(--ink); }
.legend i {
  display: inline-block; width: 1.3rem; margin-right: .5rem; vertical-align: middle;
  border-top: 3px solid var(--c);
}
.legend i.dashed { border-top-style: dotted; }
.axis { font-size: .8rem; color: var(--soft); margin-bottom: .7rem; }
.axis:empty { display: none; }
.axis.x { text-align: right; margin: 0; }
.plot { position: relative; height: 17rem; margin: .5rem .8rem 2rem 3.4rem; }
.plot svg { position: absolute; width: 100%; height: 100%; overflow: visible; }
.plot path, .plot polyline {
  fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round;
  vector-effect: non-scaling-stroke;
}
.plot g path { stroke-width: 7; }
.plot .rule { stroke: var(--rule); stroke-width: 1; }
.plot .dashed { stroke-dasharray: 1 5; stroke-width: 2.5; }
.plot span { position: absolute; font-size: .8rem; line-height: 1; white-space: nowrap; }
.grid .plot { height: 9rem; margin: .3rem .5rem 2rem 2.9rem; }
.grid .plot span { font-size: .75rem; }
.plot .x { top: 100%; margin-top: .6rem; transform: translateX(-50%); color: var(--soft); }
.plot .y { right: 100%; margin-right: .7rem; transform: translateY(50%); color: var(--soft); }
.plot .target { left: 0; right: 0; height: 0; border-top: 1px dashed var(--ink); }
.plot .target b { position: absolute; right: 0; bottom: 0; }
.plot .mark { top: 0; bottom: 0; border-left: 1px dashed var(--ink); }
.plot b { display: block; padding: .35rem .5rem; font-weight: 500; }
.plot .left b { position: absolute; right: 100%; }
.plot .event { top: 0; bottom: -5px; width: 10px; margin-left: -5px; z-index: 1; }
.plot .event::before {
  content: ""; position: absolute; inset: 0 5px 6px 4.5px; background: var(--soft); opacity: .2;
}
.plot .event::after {
  content: ""; position: absolute; bottom: 0; width: 10px; height: 9px; background: var(--ink);
  clip-path: polygon(50% 0, 100% 100%, 0 100%);
}
.bars { display: grid; grid-template-columns: fit-content(40%) 1fr auto; gap: .6rem 1rem; }
.bars li { display: contents; }
.bars li > i { align-self: center; height: .7rem; border-radius: 1rem; background: var(--rule); }
.bars i i { display: block; height: 100%; border-radius: inherit; background: var(--c0); }
.bars b { text-align: right; }
.bars li > i { position: relative; }
.bars .anchor i i { background: var(--soft); }
.bars s {
  position: absolute; top: -.2rem; bottom: -.2rem; border: solid var(--ink); border-width: 0 2px;
  background: linear-gradient(var(--ink), var(--ink)) center / 100% 2px no-repeat;
}
.compare {
  --at: 50%; position: relative; padding: 0; overflow: hidden; cursor: ew-resize;
  touch-action: pan-y; user-select: none; -webkit-user-select: none;
}
.compare img { position: absolute; width: 100%; height: 100%; object-fit: cover; }
.compare img + img { clip-path: inset(0 calc(100% - var(--at)) 0 0); }
.compare input { position: absolute; inset: 0; width: 100%; opacity: 0; pointer-events: none; }
.divider {
  position: absolute; inset: 0 auto 0 var(--at); width: 2px; margin-left: -1px;
  background: #fff; box-shadow: 0 0 3px #0009;
}
.divider::after {
  content: "\2039\2003\203a"; position: absolute; top: 50%; left: 50%;
  width: 2.5rem; height: 2.5rem; margin: -1.25rem; border-radius: 50%;
  background: #fffd; color: #1d2630; text-align: center;
  font-size: 1.2rem; line-height: 2.3rem; white-space: nowrap; box-shadow: 0 1px 5px #0007;
}
input:focus-visible + .divider::after { outline: 3px solid var(--accent); outline-offset: 2px; }
.tag {
  position: absolute; bottom: .7rem; left: .7rem; padding: .1rem .6rem; border-radius: 1rem;
  background: #10151cb0; color: #fff; font-size: .8rem;
}
.tag + .tag { left: auto; right: .7rem; }
ul { padding-left: 1.2rem; }
li { margin: .2rem 0; }
.empty { margin: 0; font-style: italic; }
details { margin-top: 1rem; }
summary { cursor: pointer; padding: .5rem 0; font-weight: 600; }
.scroll { overflow-x: auto; overflow-wrap: break-word; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .4rem 1.2rem .4rem 0; text-align: left; vertical-align: top; }
tr { border-bottom: 1px solid var(--rule); }
tbody th { font-weight: 500; color: var(--soft); }
tbody th, td:not(:last-child) { white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""
"""CSS; the colours --c0 to --c5 are those of the lines of charts."""

SCRIPT = """
for (const frame of document.querySelectorAll(".compare")) {
  const input = frame.querySelector("input");
  const show = at => frame.style.setProperty("--at", at + "%");
  const follow = event => {
    const box = frame.getBoundingClientRect();
    const at = Math.min(100, Math.max(0, 100 * (event.clientX - box.left) / box.width));
    input.value = at;
    show(at);
  };
  input.addEventListener("input", () => show(input.value));
  frame.addEventListener("pointerdown", event => frame.setPointerCapture(event.pointerId));
  frame.addEventListener("pointermove", event => {
    const scrolls = Math.abs(event.movementY) > Math.abs(event.movementX);
    if (event.buttons && !(scrolls && event.pointerType === "touch")) follow(event);
  });
  frame.addEventListener("click", event => {
    follow(event);
    input.focus({preventScroll: true});
  });
  show(input.value);
}
"""
"""JavaScript; the range input of each comparison says where its divider is."""
