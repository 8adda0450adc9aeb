// From any page of the desk to the field that finds somebody: Ctrl and K, or a slash where nobody types.
// Both can be switched off where they are told of, on this device. Without this the field is reached with Tab.
"use strict";
{
  const OFF = "desk-keys-off";
  const field = document.querySelector("[data-find]");
  const switched = document.querySelector("[data-find-keys]");

  document.addEventListener("keydown", (event) => {
    if (!field || localStorage.getItem(OFF) || event.repeat) return;
    const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    const types = event.target.closest("input, select, textarea, [contenteditable]");
    const slash = event.key === "/" && !event.ctrlKey && !event.altKey && !event.metaKey && !types;
    if (!chord && !slash) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  if (switched) {
    const box = switched.querySelector("input");
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
    switched.hidden = false;
  }
}
