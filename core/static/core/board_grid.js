// The day board as a grid: its rows, columns and visits, where each is, and what lies next to it in the way of an arrow.
"use strict";
{
  const scroll = document.querySelector(".board-scroll[data-changes]");
  if (scroll) scroll.grid = gridOf(scroll.querySelector("table"));

  function gridOf(table) {
    const rows = () => [...table.tBodies[0].rows];
    const cellAt = (row, column) => rows()[row]?.cells[column];
    const visits = (cell) => [...cell.querySelectorAll(".v")];
    const isStop = (cell) => visits(cell).length > 0 || !(cell.matches(".b, .c"));
    const heading = (column) => table.tHead.rows[0].cells[column];
    const columns = () => table.tHead.rows[0].cells.length;
    const nameOf = (column) => heading(column).firstChild.textContent.trim();
    const placeOf = (element) => {
      const cell = element.closest("td");
      return { row: rows().indexOf(cell.parentElement), column: cell.cellIndex };
    };
    const ticks = (visit) => Number(/(?:^| )d(\d+)/.exec(visit.className)[1]);
    const timeOf = (row) => rows()[row].cells[0].firstChild.textContent.trim();
    const target = (cell) => visits(cell)[0] ?? cell;
    const stopsOf = (column) => rows().map((row) => row.cells[column]).filter(isStop);

    // Where somebody begins: at what is on now, at the first visit, at the first free quarter.
    function opening() {
      const begin = table.querySelector("tr.now td .v") ?? table.querySelector("td .v") ?? rows().flatMap((row) => [...row.cells].slice(1)).find(isStop) ?? cellAt(0, 1);
      return begin && (begin.matches("td") ? target(begin) : begin);
    }

    // Where somebody goes on who wants to see what is on now: there, or later.
    function atNow() {
      const found = rows().slice(rows().findIndex((row) => row.matches(".now"))).flatMap((row) => [...row.cells].slice(1)).find(isStop);
      return found && target(found);
    }

    function vertical(from, step) {
      for (let row = from.row + step; row >= 0 && row < rows().length; row += step) {
        const cell = cellAt(row, from.column);
        if (isStop(cell)) return step > 0 ? target(cell) : visits(cell).at(-1) ?? cell;
      }
      return null;
    }

    function beside(from, step) {
      for (let column = from.column + step; column >= 1 && column < columns(); column += step) {
        const stops = rows().map((row, n) => ({ n, cell: row.cells[column] })).filter((one) => isStop(one.cell));
        const covering = stops.flatMap((one) => visits(one.cell).map((visit) => ({ visit, n: one.n, end: one.n + ticks(visit) / 3 }))).find((one) => one.n <= from.row && one.end > from.row);
        const same = stops.find((one) => one.n === from.row);
        if (same) return target(same.cell);
        if (covering) return covering.visit;
        const nearest = stops.sort((a, b) => Math.abs(a.n - from.row) - Math.abs(b.n - from.row))[0];
        if (nearest) return target(nearest.cell);
      }
      return null;
    }

    function lane(element, step) {
      const all = element.matches(".v") ? visits(element.closest("td")) : [];
      return all[all.indexOf(element) + step] ?? null;
    }

    const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const turned = document.dir === "rtl" ? -1 : 1;
    const isArrow = (key) => key in ARROWS;

    function next(element, key) {
      const [across, along] = ARROWS[key];
      return along ? lane(element, along) ?? vertical(placeOf(element), along) : beside(placeOf(element), across * turned);
    }

    // One cell on, whatever is in it, and never off the board.
    function step({ row, column }, key) {
      const [across, along] = ARROWS[key];
      return { row: Math.min(Math.max(row + along, 0), rows().length - 1), column: Math.min(Math.max(column + across * turned, 1), columns() - 1) };
    }

    return { table: () => table, change: (other) => { table = other; }, rows, cellAt, heading, columns, nameOf, placeOf, ticks, timeOf, target, stopsOf, opening, atNow, isArrow, next, step };
  }
}
