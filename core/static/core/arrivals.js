// The page at the door: one key for each act of the row that has the focus, and rows that change while others work.
"use strict";
const EVERY = 3000;
const table = document.querySelector("table[data-live]");
const rows = () => [...table.tBodies[0].rows];

function onKey(event) {
  const row = event.target.closest("tr");
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = rows()[rows().indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
    next?.querySelector("[data-key], a, button")?.focus();
    event.preventDefault();
    return;
  }
  if (event.target.matches("input")) return; // letters that are typed are typed
  const act = row.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (act && !event.repeat) {
    event.preventDefault();
    act.click();
  }
}

// Whoever types in a row keeps it as it is: nothing is lost.
const busy = (row) => [...row.querySelectorAll("input[type=text]")].some((field) => field === document.activeElement || field.value !== field.defaultValue);

function swap(old, row) {
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(row);
  if (focus) ((focus !== old && row.querySelector(`[data-key="${CSS.escape(focus.dataset.key ?? "")}"]`)) || row).focus();
}

function take(fresh) {
  const known = new Map(rows().map((row) => [row.id, row]));
  const wanted = [...fresh.tBodies[0].rows].map((row) => {
    const old = known.get(row.id);
    // What others did may read alike, moved and back: a press says as which the row was seen.
    const alike = old && old.textContent === row.textContent && old.dataset.seen === row.dataset.seen;
    return old && (busy(old) || alike) ? old : document.adoptNode(row);
  });
  const here = rows();
  if (wanted.length === here.length && wanted.every((row, place) => row.id === here[place].id)) {
    wanted.forEach((row, place) => { if (row !== here[place]) swap(here[place], row); });
  } else if (!here.some((row) => busy(row) || row.contains(document.activeElement))) {
    table.tBodies[0].replaceChildren(...wanted);
  }
}

let etag = null;
async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { "X-Poll": "1", ...(etag && { "If-None-Match": etag }) }, cache: "no-store", redirect: "manual" });
      // Signed out meanwhile: who comes today is not left on the screen.
      if (answer.type === "opaqueredirect" && !rows().some(busy)) location.reload();
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("table[data-live]");
        if (fresh) take(fresh);
        etag = answer.headers.get("ETag");
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // without a network there is nothing new
    }
  }
  setTimeout(look, EVERY);
}

if (table) {
  table.addEventListener("keydown", onKey);
  setTimeout(look, EVERY);
}
