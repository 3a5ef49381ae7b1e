/* The keyboard of the review screens: j next, k previous, a to the acceptance, r to the refusal.
   "a" and "r" only move there: a decision is always pressed on its own button. Nothing acts for who turned
   the shortcuts off (views/admin/keys.py), nor while the focus is in a field: a letter typed on radio buttons or on a
   list chooses among them. */
"use strict";

if (!("noShortcuts" in document.body.dataset)) {
  for (const link of document.querySelectorAll("a[data-key]")) link.setAttribute("aria-keyshortcuts", link.dataset.key);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    const place = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!place) return;
    event.preventDefault();
    if (place.matches("a")) { place.click(); return; }
    const folded = place.closest("details");
    if (folded) folded.open = true;
    place.querySelector("input[type=radio], textarea, button, a").focus();
  });
}
