// What a page cannot know: the reader's own clock, that a kept time is nearly over, and that the network is gone.
// The clinic's times stay as they are; the reader's stand beside them, and only where the two clocks differ.
// Pages wait for it before they are shown (blocking="render"): what it puts there pushes nothing that somebody reads.
"use strict";
{
  const language = document.documentElement.lang || "en";
  const shown = (at, zone, parts) => new Intl.DateTimeFormat(language, { ...parts, timeZone: zone }).format(at);
  const WHEN = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const city = own && own.split("/").pop().replaceAll("_", " ");

  const beside = (place, clinic, words) => {
    const at = new Date(place.dataset.at);
    if (shown(at, own, WHEN) === shown(at, clinic, WHEN)) return;
    const day = { weekday: "short", month: "short", day: "numeric" };
    const sameDay = shown(at, own, day) === shown(at, clinic, day);
    const clock = { hour: "numeric", minute: "numeric" };
    const time = shown(at, own, sameDay ? clock : { ...day, ...clock });
    place.textContent = (place.dataset.words || words).replace("{time}", time).replace("{city}", city);
    place.hidden = false;
  };

  const ownClock = document.querySelector("[data-own-clock]");
  if (ownClock && own) {
    const clinic = ownClock.dataset.zone;
    for (const place of document.querySelectorAll("[data-at]")) beside(place, clinic, ownClock.dataset.ownClock);
    if (document.querySelector("[data-at]:not([hidden])")) {
      ownClock.textContent = ownClock.dataset.note.replace("{city}", city);
      ownClock.hidden = false;
    }
  }

  // Without a network the browser would leave the page, and what is typed on it.
  document.addEventListener("submit", (sent) => {
    const words = document.querySelector("[data-offline]")?.dataset.offline;
    if (navigator.onLine || !words) return;
    sent.preventDefault();
    const said = document.querySelector(".not-connected") || document.createElement("p");
    said.className = "error not-connected";
    said.setAttribute("role", "alert");
    said.textContent = words;
    (sent.submitter || sent.target).after(said);
  });

  // Twice, and each time a whole sentence: nobody is hurried by a clock that ticks.
  for (const kept of document.querySelectorAll("[data-kept-until]")) {
    const until = new Date(kept.dataset.keptUntil).getTime();
    const say = (words, minutes) => {
      const wait = until - minutes * 60_000 - Date.now();
      if (wait > 0) setTimeout(() => { kept.textContent = words; }, wait);
    };
    say(kept.dataset.five, 5);
    say(kept.dataset.one, 1);
  }
}
