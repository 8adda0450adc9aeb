// Dragging on the day board: with a mouse at once, with a finger after it has rested; until then a finger pans. What can be
// dragged can be moved with M, and on the page of the appointment.
"use strict";
{
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) drags(scroll, scroll.board);

  function drags(scroll, board) {
    const RESTS = 450, TREMBLES = 8, PANS = 60;
    let drag = null;

    function onDown(event) {
      const visit = event.target.closest("a.v[data-seen]");
      if (!visit || event.button !== 0 || board.isMoving() || scroll.dataset.places) return;
      const grip = event.clientY - visit.getBoundingClientRect().top;
      drag = { visit, grip, x: event.clientX, y: event.clientY, pointer: event.pointerId, lifted: false };
      if (event.pointerType !== "mouse") drag.timer = setTimeout(begin, RESTS);
    }

    function begin() {
      drag.lifted = true;
      drag.pans = setInterval(() => { if (drag?.moved && board.isMoving()) follow(drag); }, PANS); // held at an edge, it goes on
      scroll.setPointerCapture(drag.pointer);
      board.lift(drag.visit).then(() => { if (!drag) left(); else if (board.isMoving() && drag.moved) follow(drag); });
    }

    function left() {
      if (board.isMoving()) board.say(board.words.left);
      board.leave();
    }

    function onMove(event) {
      if (!drag || event.pointerId !== drag.pointer) return;
      // A finger that rests goes nowhere: what it holds stays until it has moved.
      if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) <= TREMBLES) return;
      if (!drag.lifted) {
        if (event.pointerType !== "mouse") { clearTimeout(drag.timer); drag = null; return; } // it pans
        begin();
      }
      drag.moved = true;
      drag.x = event.clientX;
      drag.y = event.clientY;
      if (board.isMoving()) follow(drag);
    }

    // It keeps its place under the pointer: what counts is where its top is, in the column of the pointer.
    function follow({ x, y, grip }) {
      const moving = board.isMoving();
      const edge = scroll.getBoundingClientRect();
      scroll.scrollBy(x > edge.right - 32 ? 16 : x < edge.left + 32 ? -16 : 0, y > edge.bottom - 32 ? 16 : y < edge.top + 32 ? -16 : 0);
      const under = document.elementFromPoint(x, y)?.closest("td");
      if (!under || !board.table().contains(under)) { if (moving.over) board.home(); return; }
      const box = under.getBoundingClientRect();
      const ticks = Math.max(0, board.rows().indexOf(under.parentElement) * 3 + Math.round((y - grip - box.top) / (box.height / 3)));
      const row = Math.min(Math.floor(ticks / 3), board.rows().length - 1);
      const cell = board.cellAt(row, under.cellIndex);
      const exact = Date.parse(cell.parentElement.dataset.at) + (ticks % 3) * 300000;
      const { own } = moving;
      const near = [...(moving.fits.get(cell) ?? []), ...(cell === own.cell ? [own.moment] : [])].sort((a, b) => Math.abs(a - exact) - Math.abs(b - exact));
      const moment = near[0] ?? exact;
      if (cell === own.cell && moment === own.moment) { if (moving.over) board.home(); return; }
      if (moving.over === cell && moving.moment === moment) return;
      Object.assign(moving, { over: cell, moment });
      board.ghost(cell, moment);
      board.tell(cell, moment);
    }

    function onUp(event) {
      if (!drag || event.pointerId !== drag.pointer) return;
      clearTimeout(drag.timer);
      clearInterval(drag.pans);
      const lifted = drag.lifted;
      drag = null;
      if (!lifted) return;
      scroll.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      setTimeout(() => scroll.dispatchEvent(new MouseEvent("click", { cancelable: true })), 0); // no click is left to swallow
      const moving = board.isMoving();
      if (moving?.over && event.type === "pointerup") board.put(moving.over, moving.moment); else left();
    }

    scroll.addEventListener("pointerdown", onDown);
    scroll.addEventListener("pointermove", onMove);
    scroll.addEventListener("pointerup", onUp);
    scroll.addEventListener("pointercancel", onUp);
    scroll.addEventListener("dragstart", (event) => event.preventDefault());
    scroll.addEventListener("contextmenu", (event) => { if (drag?.timer) event.preventDefault(); });
    scroll.addEventListener("touchmove", (event) => { if (drag?.lifted) event.preventDefault(); }, { passive: false });
  }
}
