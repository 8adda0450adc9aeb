// A list whose cards are decided about by one key. Keys count only while a card, or something in it, has the focus, and
// never while somebody types. Without this the buttons do the same.
"use strict";
{
  const cards = () => [...document.querySelectorAll("[data-row]")];

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const card = event.target.closest("[data-row]");
    if (!card || event.target.closest("input, select, textarea")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = cards();
      const next = all[all.indexOf(card) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
      return;
    }
    const button = [...card.querySelectorAll("button[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase());
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
}
