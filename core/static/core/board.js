// The day board by keyboard: arrows lead over visits and free quarters, letters act, M moves, and what others change appears.
// The server decides everything; without this script each act is a form on the page of the appointment.
"use strict";
{
  const EVERY = 2500;
  const OFF = "desk-keys-off";
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) start(scroll);

  function start(scroll) {
    const told = document.getElementById("board-told");
    const box = document.getElementById("board-why");
    const keys = document.getElementById("board-keys");
    const dialog = document.getElementById("board-cancel");
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const words = JSON.parse(document.getElementById("board-words").textContent);
    const filled = (text, facts) => Object.entries(facts).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);
    let table, raw, etag = scroll.dataset.etag, at = { row: 0, column: 1 }, moving = null, busy = false, held = false;

    // Where things are.
    const rows = () => [...table.tBodies[0].rows];
    const cellAt = (row, column) => rows()[row]?.cells[column];
    const visits = (cell) => [...cell.querySelectorAll(".v")];
    const isStop = (cell) => visits(cell).length > 0 || !(cell.matches(".b, .c"));
    const heading = (column) => table.tHead.rows[0].cells[column];
    const placeOf = (element) => {
      const cell = element.closest("td");
      return { row: rows().indexOf(cell.parentElement), column: cell.cellIndex };
    };
    const ticks = (visit) => Number(/(?:^| )d(\d+)/.exec(visit.className)[1]);
    const timeOf = (row) => rows()[row].cells[0].firstChild.textContent.trim();

    function dress(found) {
      table = found;
      raw = rows().map((row) => [...row.cells].map((cell) => cell.outerHTML));
      table.setAttribute("role", "grid");
      scroll.tabIndex = -1;
      for (const visit of table.querySelectorAll("a.v")) visit.tabIndex = -1;
    }

    function enter(element, focus = true) {
      table.querySelectorAll("[tabindex='0']").forEach((one) => { one.tabIndex = -1; });
      element.tabIndex = 0;
      at = placeOf(element);
      if (focus) element.focus({ preventScroll: false });
    }

    const target = (cell) => visits(cell)[0] ?? cell;

    function first() {
      const begin = table.querySelector("tr.now td .v") ?? table.querySelector("td .v") ?? rows().flatMap((row) => [...row.cells].slice(1)).find(isStop) ?? cellAt(0, 1);
      if (begin) enter(begin.matches("td") ? target(begin) : begin, false);
    }

    function vertical(from, step) {
      for (let row = from.row + step; row >= 0 && row < rows().length; row += step) {
        const cell = cellAt(row, from.column);
        if (isStop(cell)) return step > 0 ? target(cell) : visits(cell).at(-1) ?? cell;
      }
      return null;
    }

    function beside(from, step) {
      for (let column = from.column + step; column >= 1 && column < heading(0).parentElement.cells.length; column += step) {
        const stops = rows().map((row, n) => ({ n, cell: row.cells[column] })).filter((one) => isStop(one.cell));
        const covering = stops.flatMap((one) => visits(one.cell).map((visit) => ({ visit, n: one.n, end: one.n + ticks(visit) / 3 }))).find((one) => one.n <= from.row && one.end > from.row);
        const same = stops.find((one) => one.n === from.row);
        if (same) return target(same.cell);
        if (covering) return covering.visit;
        const nearest = stops.sort((a, b) => Math.abs(a.n - from.row) - Math.abs(b.n - from.row))[0];
        if (nearest) return target(nearest.cell);
      }
      return null;
    }

    function lane(element, step) {
      const all = element.matches(".v") ? visits(element.closest("td")) : [];
      return all[all.indexOf(element) + step] ?? null;
    }

    const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const turned = document.dir === "rtl" ? -1 : 1;

    function walk(element, key) {
      const [across, along] = ARROWS[key];
      const to = along
        ? lane(element, along) ?? vertical(placeOf(element), along)
        : beside(placeOf(element), across * turned);
      if (to) enter(to);
    }

    // What is said.
    function say(text) { told.textContent = ""; requestAnimationFrame(() => { told.textContent = text; }); }
    function clear() { box.replaceChildren(); box.hidden = true; }

    function why(answer) {
      box.hidden = false;
      say("");
      const parts = [Object.assign(document.createElement("p"), { textContent: answer.said })];
      const list = (title, lines) => {
        if (!lines?.length) return;
        parts.push(Object.assign(document.createElement("p"), { textContent: title }));
        const items = document.createElement("ul");
        lines.forEach((line) => items.append(Object.assign(document.createElement("li"), { textContent: line })));
        parts.push(items);
      };
      list(answer.title ?? words.reasons, answer.reasons);
      list(words.there, answer.there);
      if (answer.nearest?.length) {
        parts.push(Object.assign(document.createElement("p"), { textContent: words.nearest }));
        const acts = Object.assign(document.createElement("p"), { className: "acts" });
        for (const one of answer.nearest) {
          const button = Object.assign(document.createElement("button"), { type: "button", className: "second", textContent: one.words });
          button.addEventListener("click", () => drop(moving ?? answer.moving, one.start, one.column));
          acts.append(button);
        }
        parts.push(acts);
      }
      if (answer.url) parts.push(Object.assign(document.createElement("a"), { href: answer.url, textContent: words.page }));
      box.replaceChildren(...parts);
    }

    // What is done.
    async function send(visit, act, more = {}) {
      if (busy) return null;
      busy = true;
      try {
        const body = new URLSearchParams({ csrfmiddlewaretoken: token, seen: visit.seen, ...more });
        const answer = await fetch(`${scroll.dataset.acts}${visit.id}/${act}/`, { method: "POST", body, headers: { Accept: "application/json" } });
        if (!answer.headers.get("Content-Type")?.includes("json")) { location.reload(); return null; }
        return { ok: answer.ok, ...(await answer.json()) };
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return { ok: false, said: words.offline };
      } finally {
        busy = false;
      }
    }

    const known = (element) => ({ id: element.id.slice(2), seen: element.dataset.seen, who: element.querySelector("b").textContent, ticks: ticks(element) });

    async function act(visit, name, more) {
      clear();
      const answer = await send(visit, name, more);
      if (!answer) return;
      await look();
      const now = document.getElementById(`b-${visit.id}`);
      if (now) enter(now); else first();
      if (answer.ok) say(answer.said); else why(answer);
    }

    async function drop(what, start, column) {
      clear();
      const answer = await send(what, "move", { start, column });
      if (!answer) return;
      if (!answer.ok) {
        if (answer.look) { leave(); await look(); refocus(what); }
        if (what.dragged) leave();
        answer.moving = what;
        why(answer);
        return;
      }
      leave();
      await look();
      refocus(what);
      say(answer.said);
    }

    function refocus(what) {
      const now = document.getElementById(`b-${what.id}`);
      if (now) enter(now); else first();
    }

    // What the server knows beforehand; null where it does not say.
    async function ask(address) {
      clear();
      busy = true;
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        return answer.ok ? await answer.json() : null;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return null;
      } finally {
        busy = false;
      }
    }

    // Moving.
    async function lift(element, byKey = true) {
      const what = known(element);
      if (scroll.dataset.places) { clear(); say(words.places); return; }
      const found = await ask(`${scroll.dataset.targets}?${new URLSearchParams({ appointment: what.id, day: scroll.dataset.day })}`);
      if (!found) { say(words.fixed); return; }
      const since = Date.parse(found.since);
      const starts = new Map(rows().map((row, n) => [Date.parse(row.dataset.at), n]));
      let count = 0;
      moving = { ...what, dragged: !byKey, from: placeOf(element), fits: new Map() };
      for (let column = 1; column < heading(0).parentElement.cells.length; column += 1) {
        for (const minutes of found.fits[heading(column).dataset.key] ?? []) {
          const moment = since + minutes * 60000;
          const row = starts.get(moment - (moment % 900000));
          const cell = row === undefined ? null : cellAt(row, column);
          if (!cell) continue;
          count += 1;
          cell.classList.add("fits");
          moving.fits.set(cell, [...(moving.fits.get(cell) ?? []), moment]);
        }
      }
      table.classList.add("moving");
      element.classList.add("lifted");
      if (byKey) hover(moving.from);
      say(filled(words.moving, { who: what.who, count }));
    }

    function ghost(cell, moment) {
      table.querySelector(".ghost")?.remove();
      const shadow = Object.assign(document.createElement("div"), { className: `ghost d${moving.ticks}`, textContent: moving.who });
      const offset = moment ? Math.round((moment - Date.parse(cell.parentElement.dataset.at)) / 300000) : 0;
      if (offset) shadow.classList.add(`o${offset}`);
      shadow.setAttribute("aria-hidden", "true");
      cell.append(shadow);
    }

    function hover(place, quiet = true) {
      const cell = cellAt(place.row, place.column);
      const moment = moving.fits.get(cell)?.[0];
      ghost(cell, moment);
      enter(cell);
      moving.over = cell;
      if (quiet) return;
      const exact = moment && moment % 900000 ? new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: scroll.dataset.zone }).format(moment) : timeOf(place.row);
      say(filled(moment ? words.fits : words.not, { when: exact, with: heading(place.column).textContent }));
    }

    function carry(key) {
      const [across, along] = ARROWS[key];
      const here = placeOf(moving.over);
      const row = Math.min(Math.max(here.row + along, 0), rows().length - 1);
      const column = Math.min(Math.max(here.column + across * turned, 1), heading(0).parentElement.cells.length - 1);
      hover({ row, column }, false);
    }

    function leave() {
      if (!moving) return;
      table.querySelector(".ghost")?.remove();
      table.classList.remove("moving");
      table.querySelectorAll(".fits, .lifted").forEach((one) => one.classList.remove("fits", "lifted"));
      moving = null;
    }

    function put(cell, moment = moving.fits.get(cell)?.[0] ?? Date.parse(cell.parentElement.dataset.at)) {
      drop(moving, new Date(moment).toISOString(), heading(cell.cellIndex).dataset.key);
    }

    // Keys, while the board has the focus.
    const LETTERS = { a: "arrive", c: "check-in", s: "start", d: "done", n: "no-show", u: "undo" };
    const isOff = () => localStorage.getItem(OFF) === "1";

    function onKey(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const here = event.target.closest("td, .v");
      if (!here || !table.contains(here)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (moving) {
        if (key in ARROWS) carry(key);
        else if (key === "Enter" && !event.repeat) put(moving.over);
        else if (key === "Escape") { const what = moving; leave(); refocus(what); say(words.left); } else return;
        event.preventDefault();
        return;
      }
      if (key in ARROWS) { walk(here, key); event.preventDefault(); return; }
      if (key === "Home" || key === "End") {
        const column = rows().map((row) => row.cells[at.column]).filter(isStop);
        const cell = key === "Home" ? column[0] : column.at(-1);
        if (cell) enter(target(cell));
        event.preventDefault();
        return;
      }
      if (key === "Escape") { clear(); return; }
      if (key === "Enter" && here.matches("td")) { book(here); event.preventDefault(); return; }
      if (event.repeat || isOff()) return;
      if (key === "?") { keys.open = true; keys.querySelector("summary").focus(); event.preventDefault(); return; }
      if (!here.matches("a.v[data-seen]")) return;
      if (key in LETTERS) act(known(here), LETTERS[key]);
      else if (key === "m") lift(here);
      else if (key === "x") cancel(here);
      else return;
      event.preventDefault();
    }

    function book(cell) {
      if (!scroll.dataset.book || cell.matches(".c")) return;
      const start = cell.parentElement.dataset.at;
      location.href = `${scroll.dataset.book}&${new URLSearchParams({ practitioner: heading(cell.cellIndex).dataset.key, at: start })}`;
    }

    function cancel(element) {
      const seen = known(element); // while a reason is chosen others go on: it is cancelled as it was seen
      dialog.querySelector("[data-who]").textContent = seen.who;
      dialog.returnValue = "";
      dialog.querySelector("select").value = "";
      dialog.showModal();
      dialog.addEventListener("close", () => {
        const reason = dialog.querySelector("select").value;
        const now = document.getElementById(element.id);
        if (dialog.returnValue === "cancel" && reason) act(seen, "cancel", { reason });
        else if (now) enter(now);
      }, { once: true });
    }

    // What others do.
    function take(fresh) {
      const key = document.activeElement?.closest?.(".v")?.id;
      const place = table.contains(document.activeElement) ? { ...at } : null;
      const theirs = [...fresh.tBodies[0].rows];
      const alike = fresh.tHead.textContent === table.tHead.textContent && theirs.length === rows().length && theirs.every((row, n) => row.dataset.at === rows()[n].dataset.at);
      if (!alike) {
        const mine = table;
        table = document.adoptNode(fresh);
        mine.replaceWith(table);
        dress(table);
      } else {
        theirs.forEach((row, n) => {
          const mine = rows()[n];
          mine.className = row.className;
          [...row.cells].forEach((cell, m) => {
            const html = cell.outerHTML;
            if (html === raw[n][m]) return;
            raw[n][m] = html;
            const fresh = document.adoptNode(cell);
            fresh.querySelectorAll("a.v").forEach((one) => { one.tabIndex = -1; });
            mine.cells[m].replaceWith(fresh);
          });
        });
      }
      const again = (key && document.getElementById(key)) || (place && cellAt(place.row, place.column));
      if (place && again) enter(again); else if (!table.querySelector("[tabindex='0']")) first();
    }

    async function look() {
      try {
        const answer = await fetch(scroll.dataset.changes, { headers: { "X-Poll": "1", ...(etag && { "If-None-Match": etag }) }, cache: "no-store", redirect: "manual" });
        if (answer.type === "opaqueredirect" || answer.status === 401) { location.reload(); return; } // signed out: nobody's day is left there
        if (answer.ok && !moving) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("table.board");
          if (fresh) take(fresh); else location.reload();
          etag = answer.headers.get("ETag");
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // without a network there is nothing new
      }
    }

    async function poll() {
      if (!document.hidden && !busy && !moving && !held) await look();
      setTimeout(poll, EVERY);
    }

    dress(scroll.querySelector("table"));
    first();
    table.parentElement.addEventListener("keydown", onKey);
    scroll.addEventListener("focusin", (event) => {
      const stop = event.target.closest("a.v, td");
      if (stop && table.contains(stop) && stop.tabIndex !== 0) enter(stop, false);
    });
    const off = document.getElementById("board-keys-off");
    off.checked = isOff();
    off.addEventListener("change", () => { if (off.checked) localStorage.setItem(OFF, "1"); else localStorage.removeItem(OFF); });
    document.querySelectorAll("[data-scripted]").forEach((one) => { one.hidden = false; });
    setTimeout(poll, EVERY);
    const hold = (on) => { held = on; };
    scroll.board = { act, ask, filled, ghost, hold, isOff, known, leave, lift, put, say, words, isMoving: () => moving || held, table: () => table };
  }
}
