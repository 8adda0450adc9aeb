// On a phone a list has no heads of columns: each value gets the head's words, which staff.css shows before it.
"use strict";
for (const table of document.querySelectorAll("#result_list, #content-main > table, #content-main > form > table")) {
  const heads = [...table.querySelectorAll("thead th")].map((head) => (head.querySelector(".text") ?? head).textContent.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, place) => { if (heads[place]) cell.dataset.label = heads[place]; });
  }
}
