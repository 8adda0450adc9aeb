// What the day board says: a line that is read aloud, and a box that stays until it is closed, with what to press.
"use strict";
{
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) scroll.messages = messagesOf(document.getElementById("board-told"), document.getElementById("board-why"));

  function messagesOf(line, box) {
    const words = JSON.parse(document.getElementById("board-words").textContent);
    const made = (kind, facts) => Object.assign(document.createElement(kind), facts);
    let last = "";

    function say(text) { last = text; line.textContent = ""; requestAnimationFrame(() => { line.textContent = last; }); }
    function clear() { box.replaceChildren(); box.hidden = true; }

    // A finger holds what it drags: nothing that is said may push the board from under it.
    function still(on) {
      const around = line.parentElement;
      around.style.blockSize = on ? `${around.offsetHeight}px` : "";
      around.classList.toggle("still", on);
    }

    function pressed(textContent, act) {
      const button = made("button", { type: "button", className: "second", textContent });
      button.addEventListener("click", act);
      return button;
    }

    function listed(title, lines) {
      if (!lines?.length) return [];
      const items = made("ul", {});
      lines.forEach((line) => items.append(made("li", { textContent: line })));
      return [made("p", { textContent: title }), items];
    }

    function acts(...buttons) {
      const together = made("p", { className: "acts" });
      together.append(...buttons);
      return together;
    }

    // Why not, who is there, what is free nearby (`takes`: what a press on one of these does). What is no refusal has `can`:
    // what can be done about it, in words and as an act.
    function why(answer, takes) {
      say("");
      const near = (answer.nearest ?? []).map((one) => pressed(one.words, () => takes(one)));
      const parts = [
        made("p", { textContent: answer.said }), ...listed(answer.title ?? words.reasons, answer.reasons), ...listed(words.there, answer.there),
        ...(near.length ? [made("p", { textContent: words.nearest }), acts(...near)] : []),
        ...(answer.url ? [made("a", { href: answer.url, textContent: words.page })] : []),
        acts(...(answer.can ?? []).map((one) => pressed(...one)), pressed(words.close, clear)),
      ];
      box.classList.toggle("problem", !answer.can);
      box.replaceChildren(...parts);
      box.hidden = false;
    }

    return { box, said: () => last, say, clear, why, still };
  }
}
