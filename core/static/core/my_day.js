// My day: a press changes its own card where it stands. The page does not move, so that whoever taps two cards one after
// the other meets the cards that they aim at. Without this each press loads the page anew.
"use strict";
{
  const SETTLES = 1200; // for so long a card that has just changed takes no tap: its next button lies under the finger
  const list = document.querySelector(".my-day");

  const note = (page) => page.querySelector("main > .wrap > .note:is(.problem, [role=status]:not(.warm))");

  function put(old, fresh, said) {
    const bottom = old.getBoundingClientRect().bottom;
    const focused = old.contains(document.activeElement);
    fresh.style.minBlockSize = `${old.offsetHeight}px`; // nothing below comes up
    fresh.classList.add("settles");
    if (said) {
      said.setAttribute("role", "alert");
      fresh.append(said);
    }
    old.replaceWith(fresh);
    // Where it grows, its lower edge stays under the thumb, and with it all that lies below.
    scrollBy({ top: fresh.getBoundingClientRect().bottom - bottom, behavior: "instant" });
    if (focused) (fresh.querySelector(".do button:not(.second), .do button") ?? fresh).focus({ preventScroll: true });
    setTimeout(() => fresh.classList.remove("settles"), SETTLES);
  }

  async function press(form, card, button) {
    card.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button), headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(card.id);
      if (fresh) return put(card, document.adoptNode(fresh), answer.ok ? null : note(page));
      if (page.querySelector(".my-day")) return location.reload(); // it is theirs no more
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no network: the browser says so itself
    }
    form.submit(); // signed out, or no way there: as without this
  }

  // Opened anew it stands at whoever is here or comes next, unless something is said above, or the browser knows better.
  const now = document.querySelector(".days .now");
  const opened = performance.getEntriesByType("navigation")[0]?.type === "navigate" && !location.hash;
  if (now && opened && !document.querySelector("main .note")) document.querySelector(now.hash)?.scrollIntoView({ block: "start", behavior: "instant" });

  list?.addEventListener("submit", (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    event.preventDefault();
    const busy = card.getAttribute("aria-busy") === "true" || card.classList.contains("settles");
    if (!busy) press(event.target, card, event.submitter);
  });
}
