// Another length on the day board: L and arrows, or the lower edge with a mouse. The server says what fits, and decides; the
// same is done on the page of the appointment, under Length.
"use strict";
{
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) sizes(scroll, scroll.board);

  function sizes(scroll, board) {
    const EDGE = 7, A_TICK = 5, MINUTE = 60000;
    const { words, filled, say } = board;
    let sizing = null, drag = null, marked = null;

    const shown = () => document.getElementById(`b-${sizing.id}`);
    const offset = (visit) => Number(/(?:^| )o(\d)/.exec(visit.className)?.[1] ?? 0);

    async function begin(element) {
      const what = board.known(element);
      board.hold(true);
      const found = await board.ask(`${scroll.dataset.sizes}?${new URLSearchParams({ appointment: what.id })}`);
      if (!found) { board.hold(false); say(words.unsized); return; }
      const starts = Date.parse(element.closest("tr").dataset.at) + offset(element) * A_TICK * MINUTE;
      sizing = { ...what, starts, now: found.now, at: found.sizes.findIndex(([minutes]) => minutes === found.now), all: found.sizes };
      element.classList.add("lifted");
    }

    function until(minutes) {
      const form = { hour: "numeric", minute: "2-digit", timeZone: scroll.dataset.zone };
      return new Intl.DateTimeFormat(document.documentElement.lang, form).format(sizing.starts + minutes * MINUTE);
    }

    function draw() {
      const visit = shown();
      board.table().querySelector(".ghost")?.remove();
      if (!visit) return;
      const [minutes, fits] = sizing.all[sizing.at];
      const ghost = Object.assign(document.createElement("div"), { className: `ghost d${minutes / A_TICK} o${offset(visit)}${fits ? "" : " misfit"}`, textContent: `${filled(words.minutes, { minutes })}${fits ? "" : " ✕"}` });
      ghost.setAttribute("aria-hidden", "true");
      visit.closest("td").append(ghost);
    }

    function choose(index) {
      const to = Math.min(Math.max(index, 0), sizing.all.length - 1);
      const [minutes, fits] = sizing.all[to];
      const ended = to === sizing.at && to !== index;
      sizing.at = to;
      draw();
      say(ended ? words.ended : filled(fits ? words.size : words.misfit, { minutes, end: until(minutes) }));
    }

    function leave() {
      board.table().querySelector(".ghost")?.remove();
      shown()?.classList.remove("lifted");
      board.hold(false);
      sizing = null;
    }

    function put() {
      const what = sizing, [minutes] = sizing.all[sizing.at];
      leave();
      if (minutes === what.now) say(words.same); else board.perform(what, "resize", { minutes });
    }

    const STEPS = { ArrowDown: 1, "+": 1, ArrowUp: -1, "-": -1 };

    function onKey(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (sizing) {
        if (event.key in STEPS) choose(sizing.at + STEPS[event.key]);
        else if (event.key === "Enter" && !event.repeat) put();
        else if (event.key === "Escape") { leave(); say(words.same); } else if (event.key === "Tab") { leave(); return; }
        else if (event.key.length === 1) say(words.resizing);
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      const visit = event.target.closest("a.v[data-seen]");
      if (event.key.toLowerCase() !== "l" || !visit || event.repeat || board.isMoving() || board.isOff()) return;
      event.preventDefault();
      event.stopPropagation();
      board.work(async () => {
        await begin(visit);
        if (!sizing) return;
        draw();
        say(filled(words.sizing, { who: sizing.who, minutes: sizing.now, least: sizing.all[0][0], most: sizing.all.at(-1)[0] }));
      });
    }

    // By the lower edge, with a mouse: a finger uses the page.
    function edgeOf(event) {
      const visit = event.pointerType === "mouse" ? event.target.closest?.("a.v[data-seen]") : null;
      return visit && visit.getBoundingClientRect().bottom - event.clientY <= EDGE ? visit : null;
    }

    function onDown(event) {
      const visit = event.button === 0 && !board.isMoving() && !sizing ? edgeOf(event) : null;
      if (!visit) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const tick = visit.getBoundingClientRect().height / (board.known(visit).ticks || 1);
      drag = { pointer: event.pointerId, from: event.clientY, y: event.clientY, tick };
      scroll.setPointerCapture(event.pointerId);
      drag.ready = begin(visit).then(() => { if (drag) follow(); });
    }

    function follow() {
      if (!sizing) return;
      const wanted = sizing.now + Math.round((drag.y - drag.from) / drag.tick) * A_TICK;
      const far = (index) => Math.abs(sizing.all[index][0] - wanted);
      choose(sizing.all.reduce((best, _, index) => (far(index) < far(best) ? index : best), 0));
    }

    function onMove(event) {
      if (drag && event.pointerId === drag.pointer) { drag.y = event.clientY; follow(); return; }
      const visit = sizing ? null : edgeOf(event);
      if (visit !== marked) { marked?.classList.remove("edge"); visit?.classList.add("edge"); marked = visit; }
    }

    async function onUp(event) {
      if (!drag || event.pointerId !== drag.pointer) return;
      scroll.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      setTimeout(() => scroll.dispatchEvent(new MouseEvent("click", { cancelable: true })), 0); // no click is left to swallow
      await drag.ready;
      drag = null;
      if (sizing && event.type === "pointerup") put(); else if (sizing) leave();
    }

    scroll.addEventListener("keydown", onKey, true);
    scroll.addEventListener("pointerdown", onDown);
    scroll.addEventListener("pointermove", onMove);
    scroll.addEventListener("pointerup", onUp);
    scroll.addEventListener("pointercancel", onUp);
  }
}
