// A question mark, where nobody types, opens the list of the keys of a page. It is read from the page itself, so that no
// other key stands there than one that works. It is switched off with the keys that lead to the field on top.
// Without this the keys do nothing, and everything is reached with Tab and Enter.
"use strict";
{
  const list = document.querySelector("[data-key-list]");
  const shown = document.querySelector("[data-page-keys]") ?? list; // a page may have a longer one of its own

  const said = (element) => {
    const copy = (element.labels?.[0] ?? element).cloneNode(true);
    copy.querySelectorAll(".hidden").forEach((one) => one.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  function line(keys, words) {
    const item = document.createElement("li");
    keys.forEach((key) => {
      const name = document.createElement("kbd");
      name.textContent = key.toUpperCase();
      item.append(name, " ");
    });
    item.append(words);
    return item;
  }

  function fill() {
    const found = [...document.querySelectorAll("[accesskey]")].map((one) => line(["Alt", one.accessKey], said(one)));
    const letters = new Map();
    document.querySelectorAll("[data-row] [data-key]").forEach((one) => letters.has(one.dataset.key) || letters.set(one.dataset.key, said(one)));
    letters.forEach((words, key) => found.push(line([key], words)));
    list.querySelector("[data-cards]").hidden = !letters.size;
    list.querySelector("ul").append(...found);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (!shown || localStorage.getItem("desk-keys-off") || event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    shown.open = true;
    shown.querySelector("summary").focus();
  });

  if (list) {
    fill();
    if (shown === list) list.hidden = false; else shown.append(list.querySelector("ul")); // one list a page
  }
}
