/* The search box: suggestions while one types (a combobox), "/" to come to it, "?" for the list of shortcuts,
   unless the account turned the shortcuts of one key off.
   Without this script the box is a plain form, and the shortcuts have a page of their own. */
"use strict";

const box = document.getElementById("recherche");
if (box) {
  const said = document.getElementById("recherche-dit");
  const list = document.createElement("ul");
  let rows = [];
  let at = -1;
  let turn = 0;
  let timer = 0;
  list.id = "recherche-liste";
  list.className = "found";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.labels[0].textContent);
  box.after(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    box.setAttribute(name, value);
  }

  const close = () => {
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
    at = index;
    if (index < 0) box.removeAttribute("aria-activedescendant");
    else {
      box.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
  };
  const part = (kind, text) => {
    const piece = document.createElement("span");
    piece.className = kind;
    piece.textContent = text;
    return piece;
  };
  const show = (found) => {
    rows = found;
    list.replaceChildren(...rows.map((row, index) => {
      const item = document.createElement("li");
      item.id = `recherche-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(part("found-name", row.name), " ", part("found-kind", row.group), " ", part("found-note", row.note));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); location.assign(row.href); });
      return item;
    }));
    at = -1;
    list.hidden = rows.length === 0;
    box.setAttribute("aria-expanded", String(rows.length > 0));
    said.textContent = rows.length ? `${rows.length} suggestion${rows.length > 1 ? "s" : ""}` : "Aucune suggestion";
  };
  const ask = async () => {
    const mine = ++turn;
    if (box.value.trim().length < 2) { close(); said.textContent = ""; return; }
    const answer = await fetch(`${box.dataset.suggestions}?q=${encodeURIComponent(box.value)}`);
    if (answer.ok && mine === turn && document.activeElement === box) show(await answer.json());
  };

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(Math.min(at + 1, rows.length - 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(Math.max(at - 1, -1)); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); location.assign(rows[at].href); }
  });
}

const shortcuts = document.getElementById("raccourcis");
const openers = document.querySelectorAll("[data-shortcuts]");
if (!("noShortcuts" in document.body.dataset)) {
  if (box) box.setAttribute("aria-keyshortcuts", "/");
  for (const opener of openers) opener.setAttribute("aria-keyshortcuts", "?");
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "/" && box) { event.preventDefault(); box.focus(); box.select(); }
    if (event.key === "?" && shortcuts) { event.preventDefault(); shortcuts.showModal(); }
  });
}
for (const opener of openers) {
  opener.addEventListener("click", (event) => { event.preventDefault(); shortcuts.showModal(); });
}
