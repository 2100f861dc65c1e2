// The day board: arrows go between appointments, one key does one act, dragging moves.
(() => {
"use strict";
const board = () => document.querySelector(".board");
if (!board()) return;
const KEYS = {c: "confirm", i: "check-in", r: "room", n: "no-show", u: "undo"};
const cards = () => [...document.querySelectorAll(".appt .who")];

function nearest(from, key) {
  const a = from.getBoundingClientRect();
  const across = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  let best = null, least = Infinity;
  for (const card of cards()) {
    if (card === from) continue;
    const b = card.getBoundingClientRect();
    const along = sign * (across ? b.left - a.left : b.top - a.top);
    if (along <= 4) continue;
    const aside = Math.abs(across ? b.top - a.top : b.left - a.left);
    const far = across ? along * 3 + aside : along + aside * 8;
    if (far < least) { least = far; best = card; }
  }
  return best;
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(at?.tagName ?? "")) return;
  const card = at?.closest?.(".appt .who");
  if (event.key.startsWith("Arrow")) {
    const to = card ? nearest(card, event.key) : at === board() || at === document.body ? cards()[0] : null;
    if (to) { event.preventDefault(); to.focus(); }
    return;
  }
  if (!card) {
    // A name that is typed anywhere goes to the search.
    const find = document.querySelector("#find");
    if (/^\p{L}$/u.test(event.key) && find && (at === document.body || at === board())) find.focus();
    return;
  }
  const key = event.key.toLowerCase();
  const article = card.closest(".appt");
  if (key === "m" || key === "x") {
    event.preventDefault();
    const url = new URL(card.href);
    if (key === "m") url.pathname += "/move"; else url.hash = "cancel";
    location.assign(url);
  } else if (KEYS[key]) {
    event.preventDefault();
    act(article, KEYS[key]);
  }
});

// The same form that the button sends. Where the act is not allowed, the page says why.
function act(article, step) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/console/appointments/${article.dataset.id}/${step}`;
  const fields = {version: article.dataset.version, back: document.querySelector("[data-live]").dataset.live};
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    field.type = "hidden"; field.name = name; field.value = value;
    form.append(field);
  }
  document.body.append(form);
  sessionStorage.setItem("held", article.querySelector(".who").id);
  form.requestSubmit();
}
const held = sessionStorage.getItem("held");
if (held) { sessionStorage.removeItem("held"); document.getElementById(held)?.focus(); }
document.addEventListener("submit", event => {
  const id = event.target.closest(".appt")?.querySelector(".who").id;
  if (id) sessionStorage.setItem("held", id);
});

// Dragging opens the free times of that day with the provider one dropped it on.
let dragged = null;
document.addEventListener("dragstart", event => {
  dragged = event.target.closest?.(".appt");
  if (dragged) { dragged.classList.add("dragged"); event.dataTransfer.effectAllowed = "move"; }
});
document.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; });
document.addEventListener("dragover", event => { if (dragged && event.target.closest?.(".slots")) event.preventDefault(); });
document.addEventListener("drop", event => {
  const slots = event.target.closest?.(".slots[data-provider]");
  if (!slots || !dragged) return;
  event.preventDefault();
  const url = new URL(dragged.querySelector(".who").href);
  url.pathname += "/move";
  url.searchParams.set("provider_id", slots.dataset.provider);
  url.searchParams.set("from", slots.dataset.date);
  location.assign(url);
});
})();
