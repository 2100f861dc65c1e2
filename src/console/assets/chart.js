// The body chart: a click asks what lies there, keys say yes or no, arrows nudge the mark.
(() => {
"use strict";
const canvas = document.querySelector("form[data-chart]");
const point = document.querySelector("form[data-point]");
canvas?.querySelector("input[type=image]")?.addEventListener("click", event => {
  if (event.detail === 0) return;
  event.preventDefault();
  const box = event.target.getBoundingClientRect();
  const share = (at, from, size) => Math.min(1, Math.max(0, (at - from) / size)).toFixed(4);
  send({x: share(event.clientX, box.left, box.width), y: share(event.clientY, box.top, box.height)});
});
function send(fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    field.type = "hidden"; field.name = name; field.value = value;
    canvas.append(field);
  }
  canvas.action += "#chart";
  canvas.submit();
}
if (!point) return;

// The place in words, and its way by arrows.
const mark = document.querySelector("[data-mark]");
const [x, y] = [point.elements.x, point.elements.y];
const spoken = point.querySelector("#place");
const muscle = () => point.querySelector("[name=muscle]:checked")?.closest("label").textContent.trim() ?? point.querySelector("h3")?.textContent ?? "";
function show() {
  mark?.setAttribute("transform", `translate(${x.value * 1000} ${y.value * 1000})`);
  spoken.textContent = `${muscle()}: ${Math.round(x.value * 100)} % across, ${Math.round(y.value * 100)} % down. Alt and an arrow move it.`;
}
show();
point.addEventListener("change", show);
document.addEventListener("keydown", event => {
  const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
  if (!step || !event.altKey) return;
  event.preventDefault();
  const by = event.shiftKey ? 0.02 : 0.005;
  const bounded = value => Math.min(1, Math.max(0, value)).toFixed(4);
  x.value = bounded(Number(x.value) + step[0] * by);
  y.value = bounded(Number(y.value) + step[1] * by);
  if (!point.elements.nudged) {
    const nudged = document.createElement("input");
    nudged.type = "hidden"; nudged.name = "nudged"; nudged.value = "yes";
    point.append(nudged);
  }
  show();
});

// 1 to 7 say yes, once more no, once more not assessed.
document.addEventListener("keydown", event => {
  const at = document.activeElement;
  const types = at?.matches?.("input:not([type=radio],[type=checkbox]),textarea,select");
  if (types || event.ctrlKey || event.metaKey || event.altKey) return;
  const finding = point.querySelector(`[data-key="${event.key}"]`);
  if (!finding) return;
  event.preventDefault();
  const choices = [...finding.querySelectorAll("input")];
  const now = choices.findIndex(choice => choice.checked);
  const next = choices[now === 2 ? 0 : now + 1];
  next.checked = true;
  spoken.textContent = finding.querySelector("legend").textContent.trim().slice(2) + ": " + next.value.replace("_", " ");
});
})();
