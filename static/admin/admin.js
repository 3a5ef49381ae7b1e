// Related records found by typing, as a list that the keyboard and screen readers can use.
"use strict";
for (const input of document.querySelectorAll("input[data-lookup]")) {
  const hidden = input.nextElementSibling;
  const list = document.createElement("ul");
  const name = `${input.id}-liste`;
  let rows = [], at = -1, timer = 0, asked = 0;
  list.id = name;
  list.className = "found";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Fiches trouvées");
  for (const [key, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", name], ["aria-autocomplete", "list"]]) input.setAttribute(key, value);
  hidden.after(list);
  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (row) => { hidden.value = row[0]; input.value = row[1]; close(); };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((item, position) => item.setAttribute("aria-selected", String(position === at)));
    if (at >= 0) { input.setAttribute("aria-activedescendant", list.children[at].id); list.children[at].scrollIntoView({ block: "nearest" }); }
  };
  const show = (found) => {
    rows = found;
    list.replaceChildren(...rows.map((row, index) => {
      const item = document.createElement("li");
      item.id = `${name}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = row[1];
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(row); });
      return item;
    }));
    list.hidden = rows.length === 0;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    at = -1;
  };
  const ask = async () => {
    const turn = ++asked;
    const answer = await fetch(`${input.dataset.lookup}&limit=12&query=${encodeURIComponent(input.value)}`);
    if (answer.ok && turn === asked) show(await answer.json());
  };
  input.addEventListener("input", () => { hidden.value = ""; clearTimeout(timer); timer = setTimeout(ask, 150); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(Math.min(at + 1, rows.length - 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(Math.max(at - 1, 0)); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); choose(rows[at]); }
  });
}

// The menu opens on a desk and folds on a telephone.
const menu = document.querySelector(".office-menu");
const isPhone = matchMedia("(max-width: 800px)").matches;
if (menu && isPhone) menu.open = false;

// So do the sections of a family's page, but for its people.
if (isPhone) [...document.querySelectorAll(".family-body .fold")].slice(2).forEach((fold) => { fold.open = false; });
