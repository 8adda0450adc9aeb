// Keys that are pressed on the day board while it waits for an answer: they wait, in their order, for what is to come of it.
// What was not done takes those after it along, and says so: nobody means them then.
"use strict";
{
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) queue(scroll, scroll.board);

  function queue(scroll, board) {
    const LONGEST = 40, ALONE = ["Shift", "CapsLock", "Tab", "Alt", "Control", "Meta"];
    let waiting = [];

    function onKey(event) {
      if (!board.isWorking() || event.altKey || event.ctrlKey || event.metaKey || ALONE.includes(event.key)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === "Escape") { waiting = []; return; }
      board.remember(true);
      if (waiting.length < LONGEST) waiting.push({ key: event.key, shiftKey: event.shiftKey });
    }

    function press({ key, shiftKey }) {
      const here = board.table().contains(document.activeElement) ? document.activeElement : board.table().querySelector("[tabindex='0']");
      const free = here.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
      if (free && key === "Enter") here.click(); // a browser follows a link for its own keys alone
    }

    board.after = () => {
      if (waiting.length && board.hasFailed()) {
        const keys = waiting.map(({ key }) => (key.length === 1 ? key.toUpperCase() : key)).join(" ");
        waiting = [];
        board.unused(keys);
      }
      while (waiting.length && !board.isWorking()) press(waiting.shift());
      if (!waiting.length && !board.isWorking()) board.remember(false);
    };

    scroll.addEventListener("keydown", onKey, true);
  }
}
