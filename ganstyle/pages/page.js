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
