// "Today" and "Now" beside a field are the clinic's, whatever clock and zone this computer keeps.
// A list of people or sites says the zone of each (data-zones); a field says its own (data-zone).
"use strict";
{
  const offset = (zone) => {
    const now = new Date();
    const wall = {};
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    });
    for (const part of format.formatToParts(now)) wall[part.type] = Number(part.value);
    const told = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
    return Math.round((told - now.getTime()) / 60000) * 60;
  };

  const zone = () => {
    for (const list of document.querySelectorAll("select[data-zones]")) {
      const chosen = JSON.parse(list.dataset.zones)[list.value];
      if (chosen) return chosen;
    }
    return document.querySelector("[data-zone]")?.dataset.zone;
  };

  const set = () => {
    const known = zone();
    if (known) document.body.dataset.adminUtcOffset = offset(known);
  };

  document.addEventListener("click", set, true);
  document.addEventListener("change", set, true);
  window.addEventListener("load", () => {
    set();
    // The page says whose time it is; how far this computer's clock is from the server's matters to nobody.
    setTimeout(() => document.querySelectorAll(".timezonewarning").forEach((note) => note.remove()));
  });
}
