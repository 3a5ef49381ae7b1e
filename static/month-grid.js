/* The month grid: running total, number of changes, arrows between the boxes, a whole column, a week like the last.
   The form itself does all of this on the server when there is no script. */
"use strict";

const table = document.querySelector("[data-grid]");
const total = document.querySelector("[data-grid-total]");
const changes = document.querySelector("[data-grid-changes]");
const euros = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" });
const boxes = () => [...table.querySelectorAll("input[type=checkbox]")];
const rows = [...table.querySelectorAll("tr[data-weekday]")];

function refresh() {
  const priced = boxes().filter((box) => box.checked && box.dataset.cents);
  const cents = priced.reduce((sum, box) => sum + Number(box.dataset.cents), Number(total.dataset.fixedCents));
  total.textContent = euros.format(cents / 100);
  const count = boxes().filter((box) => box.checked !== box.defaultChecked).length;
  const words = count === 1 ? changes.dataset.one : changes.dataset.many.replace("#", count);
  changes.textContent = count ? words : "";
  changes.classList.toggle("changed", count > 0);
}

function change(box, checked) {
  if (box && box.name === "days" && box.checked !== checked) {
    box.checked = checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const boxAt = (row, column) => row.querySelector(`[data-column="${CSS.escape(column)}"] input`);

function fillColumn(column) {
  const found = rows.map((row) => boxAt(row, column)).filter((box) => box && box.name === "days");
  const checked = !found.every((box) => box.checked);
  found.forEach((box) => change(box, checked));
}

function isBooked(row, column) {
  return Boolean(row.querySelector(`[data-column="${CSS.escape(column)}"] :is(:checked, .kind-late_booked, .kind-past_booked)`));
}

function copyLastWeek(week) {
  const before = week.previousElementSibling;
  for (const row of week.querySelectorAll("tr[data-weekday]")) {
    const model = before.querySelector(`tr[data-weekday="${row.dataset.weekday}"]`);
    if (!model) continue;
    for (const cell of row.querySelectorAll("[data-column]")) {
      change(cell.querySelector("input[name=days]"), isBooked(model, cell.dataset.column));
    }
  }
}

function neighbour(cell, key) {
  const row = cell.parentElement;
  const side = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[key];
  if (side) {
    let next = cell[side];
    while (next && !next.querySelector("input")) next = next[side];
    return next && next.querySelector("input");
  }
  const step = key === "ArrowUp" ? -1 : 1;
  for (let i = rows.indexOf(row) + step; rows[i]; i += step) {
    const box = boxAt(rows[i], cell.dataset.column);
    if (box) return box;
  }
  return null;
}

if (table && total && changes) {
  table.addEventListener("change", refresh);
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=fill], button[name=copy]");
    if (!button) return;
    event.preventDefault();
    if (button.name === "fill") fillColumn(button.value);
    else copyLastWeek(button.closest("tbody"));
  });
  table.addEventListener("keydown", (event) => {
    if (!event.target.matches("input") || !event.key.startsWith("Arrow")) return;
    const box = neighbour(event.target.closest("td"), event.key);
    event.preventDefault();
    if (box) box.focus();
  });
  addEventListener("pageshow", refresh);
}
