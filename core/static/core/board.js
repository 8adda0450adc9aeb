// The day board by keyboard: arrows lead over visits and free quarters, letters act, M moves, and what others change appears.
// The server decides everything; without this script each act is a form on the page of the appointment.
"use strict";
{
  const EVERY = 2500;
  const OFF = "desk-keys-off";
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) start(scroll);

  function start(scroll) {
    const keys = document.getElementById("board-keys");
    const dialog = document.getElementById("board-cancel");
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const words = JSON.parse(document.getElementById("board-words").textContent);
    const grid = scroll.grid;
    const { box, said, say, clear, still } = scroll.messages;
    const why = (answer) => scroll.messages.why(answer, (one) => work(() => drop(moving ?? answer.moving, one.start, one.column)));
    const { rows, cellAt, heading, nameOf, placeOf, ticks, timeOf, target, isArrow } = grid;
    const exactly = (moment) => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: scroll.dataset.zone }).format(moment);
    const filled = (text, facts) => Object.entries(facts).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);
    let table, raw, etag = scroll.dataset.etag, at = { row: 0, column: 1 }, moving = null, busy = false, held = false, working = 0, marks = null, failed = false, asked = null;

    // Where somebody is.
    function dress(found) {
      table = found;
      grid.change(found);
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

    function first() {
      const begin = grid.opening();
      if (begin) enter(begin, false);
    }

    function walk(element, key) {
      const to = grid.next(element, key);
      if (to) enter(to);
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

    // One after the other: keys that are pressed meanwhile wait (board_queue.js), and act on what was seen as they were pressed.
    async function work(task) {
      working += 1;
      failed = false;
      try { await task(); } finally { working -= 1; if (!working) scroll.board.after(); }
    }

    function remember(on) { marks = on ? marks ?? new Map([...table.querySelectorAll("a.v[data-seen]")].map((one) => [one.id, one.dataset.seen])) : null; }

    function unused(keys) {
      const text = filled(words.unused, { keys });
      if (box.hidden) say(`${said()} ${text}`); else box.append(Object.assign(document.createElement("p"), { textContent: text }));
    }

    const known = (element) => ({ id: element.id.slice(2), seen: marks?.get(element.id) ?? element.dataset.seen, who: element.querySelector("b").textContent, ticks: ticks(element) });

    async function act(visit, name, more) {
      clear();
      const answer = await send(visit, name, asked?.id === visit.id && asked.name === name ? { ...more, [asked.again]: "1" } : more);
      asked = null;
      if (!answer) return;
      if (answer.again) asked = { id: visit.id, name, again: answer.again };
      took(visit, answer);
      await look();
      if (!table.contains(document.activeElement)) refocus(visit); // whoever went on stays where they are
      if (answer.ok) say(answer.said); else why(answer);
    }

    function took(visit, answer) {
      failed = !answer.ok && !answer.done;
      if (!answer.seen) return;
      marks?.set(`b-${visit.id}`, answer.seen);
      const now = document.getElementById(`b-${visit.id}`); // a key that comes before the board is looked at anew acts on this
      if (now) now.dataset.seen = answer.seen;
    }

    async function drop(what, start, column) {
      clear();
      const answer = await send(what, "move", { start, column });
      if (!answer) return;
      took(what, answer);
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
      if (what.dragged) why({ ...answer, can: [[words.undo, undoes(what)]] }); else say(answer.said);
    }

    // Who drags may have no keys: the way back is a button.
    const undoes = ({ id }) => () => { const now = document.getElementById(`b-${id}`); if (now) work(() => act(known(now), "undo")); };

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
        failed = !answer.ok;
        return answer.ok ? await answer.json() : null;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        failed = true;
        return null;
      } finally {
        busy = false;
      }
    }

    // Moving.
    async function lift(element, byKey = true) {
      const what = known(element);
      if (scroll.dataset.places) { failed = true; clear(); say(words.places); return; }
      const found = await ask(`${scroll.dataset.targets}?${new URLSearchParams({ appointment: what.id, day: scroll.dataset.day })}`);
      if (!found) { say(words.fixed); return; }
      const since = Date.parse(found.since);
      const own = placeOf(element), ownStart = Date.parse(rows()[own.row].dataset.at) + Number(/(?:^| )o(\d+)/.exec(element.className)?.[1] ?? 0) * 300000;
      const starts = new Map(rows().map((row, n) => [Date.parse(row.dataset.at), n]));
      let count = 0;
      moving = { ...what, dragged: !byKey, from: own, own: { cell: cellAt(own.row, own.column), moment: ownStart }, fits: new Map() };
      for (let column = 1; column < grid.columns(); column += 1) {
        for (const minutes of found.fits[heading(column).dataset.key] ?? []) {
          const moment = since + minutes * 60000;
          const row = starts.get(moment - (moment % 900000));
          const cell = row === undefined ? null : cellAt(row, column);
          if (!cell || (column === own.column && moment === ownStart)) continue; // where it is already
          count += 1;
          cell.classList.add("fits");
          moving.fits.set(cell, [...(moving.fits.get(cell) ?? []), moment]);
        }
      }
      still(!byKey);
      table.classList.add("moving");
      element.classList.add("lifted");
      if (byKey) hover(moving.from);
      if (!count) { say(words.none); return; }
      say(`${filled(count === 1 ? words.one : words.moving, { who: what.who, count })} ${byKey ? words.carry : words.drag}`);
    }

    function ghost(cell, moment) {
      table.querySelector(".ghost")?.remove();
      const fits = (moving.fits.get(cell) ?? []).includes(moment);
      const when = moment ? exactly(moment) : timeOf(rows().indexOf(cell.parentElement));
      const shadow = Object.assign(document.createElement("div"), { className: `ghost d${moving.ticks}${fits ? "" : " misfit"}`, textContent: `${when} ${fits ? "" : "\u2715 "}${moving.who}` });
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
      tell(cell, moment);
    }

    function tell(cell, moment = NaN) {
      const { row, column } = placeOf(cell);
      const fits = (moving.fits.get(cell) ?? []).includes(moment);
      say(filled(fits ? words.fits : words.not, { when: moment % 900000 ? exactly(moment) : timeOf(row), with: nameOf(column) }));
    }

    function carry(key) {
      hover(grid.step(placeOf(moving.over), key), false);
    }

    // To the next that fits, down its column and then in the one beside it; with Shift, to the one before.
    function jump(back) {
      const cells = [...moving.fits.keys()].map((cell) => ({ cell, ...placeOf(cell) }));
      if (!cells.length) { say(words.none); return; }
      const here = placeOf(moving.over);
      const far = (one) => (one.column - here.column) * rows().length + one.row - here.row;
      const to = back ? cells.findLast((one) => far(one) < 0) ?? cells.at(-1) : cells.find((one) => far(one) > 0) ?? cells[0];
      hover(to, false);
    }

    // Over nothing, or where it is already: let go there, it stays.
    function home() {
      table.querySelector(".ghost")?.remove();
      moving.over = null;
      say(words.stays);
    }

    function leave() {
      if (!moving) return;
      table.querySelector(".ghost")?.remove();
      still(false);
      table.classList.remove("moving");
      table.querySelectorAll(".fits, .lifted").forEach((one) => one.classList.remove("fits", "lifted"));
      moving = null;
    }

    function put(cell, moment = moving.fits.get(cell)?.[0] ?? Date.parse(cell.parentElement.dataset.at)) {
      const what = moving;
      work(() => drop(what, new Date(moment).toISOString(), heading(cell.cellIndex).dataset.key));
    }

    // Keys, while the board has the focus.
    const LETTERS = { a: "arrive", c: "check-in", s: "start", d: "done", n: "no-show", u: "undo" };
    const isOff = () => localStorage.getItem(OFF) === "1";
    const isSign = (event) => event.key.length === 1 && event.key !== " " && !isOff();

    function onKey(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const here = event.target.closest("td, .v");
      if (!here || !table.contains(here)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (moving) {
        if (isArrow(key)) carry(key);
        else if (key === "Enter" && !event.repeat) put(moving.over);
        else if (key === "Escape") { const what = moving; leave(); clear(); refocus(what); say(words.left); }
        else if (key === "n" && !isOff()) jump(event.shiftKey);
        else if (isSign(event) && key !== "?") say(`${filled(words.still, { who: moving.who })} ${words.carry}`);
        else return;
        event.preventDefault();
        return;
      }
      if (isArrow(key)) { walk(here, key); event.preventDefault(); return; }
      if (key === "Home" || key === "End") {
        const column = grid.stopsOf(at.column);
        const cell = key === "Home" ? column[0] : column.at(-1);
        if (cell) enter(target(cell));
        event.preventDefault();
        return;
      }
      if (key === "Escape") { clear(); say(""); return; }
      if (key === "Enter" && here.matches("td")) { book(here); event.preventDefault(); return; }
      if (event.repeat || isOff()) return;
      if (key === "?") { clear(); keys.open = true; keys.querySelector("summary").focus(); event.preventDefault(); return; }
      if (!(key in LETTERS) && !"mxl".includes(key)) return;
      event.preventDefault();
      if (!here.matches("a.v[data-seen]")) say(here.matches("td") ? words.nobody : words.shut);
      else if (key === "m") work(() => lift(here));
      else if (key === "x") cancel(here);
      else if (key in LETTERS) { const what = known(here); work(() => act(what, LETTERS[key])); }
    }

    function book(cell) {
      if (!scroll.dataset.book || cell.matches(".c")) return;
      const start = cell.parentElement.dataset.at;
      location.href = `${scroll.dataset.book}&${new URLSearchParams({ practitioner: heading(cell.cellIndex).dataset.key, at: start })}`;
    }

    // With a mouse or a finger a free time is chosen first, and booked by a button.
    function onClick(event) {
      const cell = event.target.closest("td");
      if (event.defaultPrevented || moving || held || event.target.closest("a") || !cell || !table.contains(cell) || cell.matches(".b, .c")) return;
      enter(cell);
      if (!scroll.dataset.book) return;
      why({ said: filled(words.free, { when: timeOf(placeOf(cell).row), with: nameOf(cell.cellIndex) }), can: [[words.book, () => book(cell)]] });
    }

    function cancel(element) {
      clear();
      const seen = known(element); // while a reason is chosen others go on: it is cancelled as it was seen
      dialog.querySelector("[data-who]").textContent = seen.who;
      dialog.returnValue = "";
      dialog.querySelector("select").value = "";
      dialog.showModal();
      dialog.addEventListener("close", () => {
        const reason = dialog.querySelector("select").value;
        const now = document.getElementById(element.id);
        if (dialog.returnValue === "cancel" && reason) work(() => act(seen, "cancel", { reason }));
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
      if (!document.hidden && !busy && !working && !moving && !held) await look();
      setTimeout(poll, EVERY);
    }

    dress(scroll.querySelector("table"));
    first();
    const now = table.querySelector("tr.now");
    if (now) scroll.scrollTop += now.getBoundingClientRect().top - scroll.getBoundingClientRect().top - scroll.clientHeight / 3;
    table.parentElement.addEventListener("keydown", onKey);
    table.parentElement.addEventListener("click", onClick);
    scroll.addEventListener("focusin", (event) => {
      const stop = event.target.closest("a.v, td");
      if (stop && table.contains(stop) && stop.tabIndex !== 0) enter(stop, false);
    });
    document.addEventListener("click", (event) => {
      const way = event.target.closest("a[href='#board'], a[href='#now']");
      const there = way && ((way.hash === "#now" && grid.atNow()) || grid.opening());
      if (there) setTimeout(() => enter(there), 0);
    });
    const off = document.getElementById("board-keys-off");
    off.checked = isOff();
    off.addEventListener("change", () => { if (off.checked) localStorage.setItem(OFF, "1"); else localStorage.removeItem(OFF); });
    document.querySelectorAll("[data-scripted]").forEach((one) => { one.hidden = false; });
    setTimeout(poll, EVERY);
    const hold = (on) => { held = on; };
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || box.hidden || dialog.open) return;
      const inside = box.contains(document.activeElement);
      clear();
      if (inside) table.querySelector("[tabindex='0']")?.focus();
    });
    const perform = (what, name, more) => work(() => act(what, name, more));
    scroll.board = { ask, filled, ghost, hold, home, isOff, known, leave, perform, put, remember, say, tell, unused, words, work, hasFailed: () => failed, isMoving: () => moving || held, isWorking: () => working > 0, lift: (visit) => work(() => lift(visit, false)), rows, cellAt, table: () => table, after: () => {} };
  }
}
