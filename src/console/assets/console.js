// Makes the pages faster: forms and links of a page are fetched, and only what changed is replaced.
// Without it everything works too. Nothing here knows a rule.
(() => {
"use strict";
const main = () => document.querySelector("#main");
const isEditing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  keep(form);
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach(form => delete form.dataset.sent));

// What was typed is kept until it was taken, so that neither a lost session nor a lost network loses it.
const keyOf = form => "typed " + new URL(form.action).pathname;
function keep(form) {
  const fields = [...form.elements].filter(field => field.name && field.type !== "hidden" && field.type !== "password" && field.tagName !== "BUTTON");
  const typed = fields.filter(field => field.type === "textarea" && field.value !== field.defaultValue).map(field => [field.name, field.value]);
  if (typed.length) sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
}
function giveBack() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const kept = sessionStorage.getItem(keyOf(form));
    if (!kept) continue;
    let differs = false;
    for (const [name, value] of JSON.parse(kept)) {
      const field = form.elements[name];
      if (field && field.value !== value && !field.value) { field.value = value; differs = true; }
    }
    sessionStorage.removeItem(keyOf(form));
    if (differs) say("What you had typed before was put back. Save to keep it.");
  }
}

function say(words) {
  const said = document.querySelector("#said");
  if (said) said.textContent = words;
}

// The session ends when nothing was done for so long; two minutes before, the page says so.
const idle = Number(document.body.dataset.idle ?? 0) * 60000;
if (idle) {
  let since = Date.now(), warned = false;
  setInterval(() => {
    const left = idle - (Date.now() - since);
    if (left < 0) location.assign("/console/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
    else if (left < 120000 && !warned) { warned = true; say("You will be signed out in two minutes. Load any page to stay."); }
  }, 15000);
  document.addEventListener("saved", () => { since = Date.now(); warned = false; });
}

// The first error is where one goes on.
const problem = document.querySelector(".problem");
if (problem) problem.focus();
else if (new URLSearchParams(location.search).has("done")) {
  const url = new URL(location.href);
  url.searchParams.delete("done");
  history.replaceState(null, "", url);
}

// Notes save themselves a second after the last key.
function autosave(form) {
  const state = document.querySelector("[data-saved]") ?? document.createElement("span");
  let timer, busy = false, again = false;
  const save = async () => {
    if (busy) { again = true; return; }
    busy = true;
    const body = new URLSearchParams(new FormData(form));
    body.set("quiet", "yes");
    try {
      const answer = await fetch(form.action, {method: "POST", body, headers: {"X-Requested-With": "fetch"}, redirect: "follow"});
      const text = await answer.text();
      const page = new DOMParser().parseFromString(text, "text/html");
      const version = page.querySelector(`form[data-autosave][action="${form.getAttribute("action")}"] [name=version]`);
      if (answer.ok && version && !answer.url.includes("/sign-in")) {
        for (const shown of document.querySelectorAll("[data-version=visit]")) shown.value = version.value;
        state.textContent = "Saved " + new Date().toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
        sessionStorage.removeItem(keyOf(form));
        document.dispatchEvent(new Event("saved"));
      } else if (answer.url.includes("/sign-in")) {
        keep(form);
        state.textContent = "Not saved: you were signed out. Sign in again; what you typed is kept in this window.";
      } else if (answer.status === 412) {
        keep(form);
        state.textContent = "Not saved: somebody else changed this note. Load the page again to compare.";
      } else {
        state.textContent = "Not saved: " + (page.querySelector(".problem strong")?.textContent ?? "it was refused");
      }
    } catch {
      keep(form);
      state.textContent = "Not saved yet: no connection. It is tried again.";
      setTimeout(save, 5000);
    }
    busy = false;
    if (again) { again = false; save(); }
  };
  form.addEventListener("input", () => { clearTimeout(timer); state.textContent = "…"; timer = setTimeout(save, 1000); });
}
document.querySelectorAll("form[data-autosave]").forEach(autosave);
giveBack();

// A part of a page that lives is fetched again, and replaced when nobody aims at it.
const live = document.querySelector("[data-live]");
if (live) {
  let aimed = 0;
  live.addEventListener("pointermove", () => { aimed = Date.now(); });
  setInterval(async () => {
    if (document.hidden || Date.now() - aimed < 3000 || live.querySelector(".dragged")) return;
    try {
      const answer = await fetch(live.dataset.live);
      if (!answer.ok || answer.url.includes("/sign-in")) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (!fresh || fresh.innerHTML === live.innerHTML || Date.now() - aimed < 3000) return;
      const held = document.activeElement?.id;
      const was = names(live), is = names(fresh);
      const board = live.querySelector(".board");
      const place = board ? [board.scrollLeft, board.scrollTop] : [0, 0];
      live.innerHTML = fresh.innerHTML;
      if (held) document.getElementById(held)?.focus({preventScroll: true});
      live.querySelector(".board")?.scrollTo(...place);
      const news = [...is].filter(one => !was.has(one));
      if (news.length) say(news.slice(0, 3).join(". "));
    } catch { /* The next round asks again. */ }
  }, 5000);
}
function names(part) {
  return new Set([...part.querySelectorAll(".appt .who")].map(one => one.querySelector("b").textContent + ", " + one.querySelector(".state").textContent.trim()));
}

// One key opens the search from anywhere.
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || isEditing()) return;
  const find = document.querySelector("#find");
  if (event.key === "/" && find) { event.preventDefault(); find.focus(); }
});

// One box ticks all of its kind.
document.addEventListener("change", event => {
  const kind = event.target.dataset.all;
  if (!kind) return;
  for (const box of document.querySelectorAll(`[data-of="${kind}"]`)) box.checked = event.target.checked;
});

// What is scanned or typed chooses the lot, and the typing goes on at the millilitres.
document.addEventListener("keydown", event => {
  const scan = event.target.closest?.("[data-scan]");
  if (!scan || event.key !== "Enter" || !scan.value) return;
  event.preventDefault();
  const lots = [...scan.form.querySelectorAll("[data-lot]")];
  const free = lots.find(lot => !lot.value) ?? lots[0];
  const typed = scan.value.toLowerCase();
  const means = option => (option.dataset.codes ?? "").toLowerCase().split(" ").some(code => code.length > 3 && (typed.includes(code) || code.startsWith(typed))) || option.text.toLowerCase().includes(typed);
  const found = [...free.options].find(option => option.value && means(option));
  if (!found) { say("No lot in stock is called that."); return; }
  free.value = found.value;
  scan.value = "";
  free.closest(".component").querySelector("input").focus();
  say("Chosen: " + found.text);
});

// How much the ticked sites take together.
const sites = document.querySelector("form.sites");
if (sites) {
  const running = sites.querySelector("[data-running]");
  const sum = () => {
    const rows = [...sites.querySelectorAll("tbody tr")].filter(row => row.querySelector("[name=give]").checked);
    const all = sites.elements.volume_all?.value ?? "0";
    // Hundredths of a millilitre, so that nothing is rounded.
    const of = text => Math.round(Number(text.replace(",", ".")) * 1000) || 0;
    const taken = rows.reduce((taken, row) => taken + of(row.querySelector("[data-filled]")?.value || all), 0);
    if (running) running.textContent = `${rows.length} ${rows.length === 1 ? "site" : "sites"}, ${taken / 1000} ml together`;
  };
  sites.addEventListener("input", sum);
  sum();
}

// A scanner types fast and ends with Enter: what begins like a GS1 code goes to the field for lots.
document.addEventListener("keydown", event => {
  const scan = document.querySelector("[data-scan]");
  if (scan && event.key === "]" && document.activeElement !== scan) { scan.focus(); }
});

// One line fills the whole table of sites.
document.addEventListener("input", event => {
  const name = event.target.dataset.fill;
  if (!name) return;
  for (const field of document.querySelectorAll(`[data-filled="${name}"]`)) {
    if (field.type === "checkbox") field.checked = event.target.checked; else field.value = event.target.value;
  }
});
})();
