// The body chart: arrows nudge the mark, and the place is said in words.
(() => {
"use strict";
const mark = document.querySelector("[data-mark]");
const x = document.querySelector("#x"), y = document.querySelector("#y");
if (!mark || !x || !y) return;
const spoken = document.querySelector("#place");
function show() {
  mark.setAttribute("transform", `translate(${x.value * 1000} ${y.value * 1000})`);
  if (spoken) spoken.textContent = `${Math.round(x.value * 100)} % across, ${Math.round(y.value * 100)} % down`;
}
document.querySelector(".canvas input")?.addEventListener("click", event => {
  if (event.detail === 0) return;
  event.preventDefault();
  const box = event.target.getBoundingClientRect();
  x.value = ((event.clientX - box.left) / box.width).toFixed(4);
  y.value = ((event.clientY - box.top) / box.height).toFixed(4);
  show();
});
document.querySelector(".canvas")?.addEventListener("keydown", event => {
  const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
  if (!step) return;
  event.preventDefault();
  const by = event.shiftKey ? 0.02 : 0.005;
  const bounded = value => Math.min(1, Math.max(0, value)).toFixed(4);
  x.value = bounded(Number(x.value) + step[0] * by);
  y.value = bounded(Number(y.value) + step[1] * by);
  show();
});
})();
