// What a button sends can take seconds: say so while it is under way, and take no second press of it.
const underWay = document.querySelector("[data-long-work]");
const SAID_AFTER = 500;
let sent = false;
let waiting;

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (sent) {
    event.preventDefault();
    return;
  }
  sent = true;
  waiting = setTimeout(() => {
    const note = underWay.querySelector("template").content.cloneNode(true);
    underWay.append(note);
    underWay.classList.add("note");
    underWay.scrollIntoView({ block: "nearest" });
  }, SAID_AFTER);
});

// Whoever goes back to this page finds it as it was.
addEventListener("pageshow", () => {
  clearTimeout(waiting);
  sent = false;
  underWay.classList.remove("note");
  for (const one of underWay.querySelectorAll(":scope > :not(template)")) one.remove();
});
