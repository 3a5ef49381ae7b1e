/* Warns in time that the session closes, or that the turn of a busy day ends, and makes it last on demand.
   The server decides: before any warning it is asked how long is left (asking does not prolong), so that a page
   read in another tab counts; tabs also tell each other at once. Without this script the page says the hour. */
"use strict";

const LONGEST = 2 ** 31 - 1;
const AGAIN = 30000;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("preau-limits") : null;
const watches = [...document.querySelectorAll("[data-limit]")].map(watch);

if (tabs) tabs.addEventListener("message", ({ data }) => watches.forEach((one) => one.learn(data)));
document.addEventListener("visibilitychange", () => { if (!document.hidden) watches.forEach((one) => one.look()); });

function watch(box) {
  const { limit: name, ask, stay } = box.dataset;
  const lasts = Number(box.dataset.seconds);
  const warned = Number(box.dataset.warned);
  const said = box.querySelector("[data-limit-said]");
  const hour = document.querySelector("[data-limit-until]");
  let end = Date.now() + lasts * 1000;
  let timer = 0;

  const left = () => Math.round((end - Date.now()) / 1000);
  const later = (milliseconds) => { clearTimeout(timer); timer = setTimeout(look, Math.min(Math.max(milliseconds, 500), LONGEST)); };
  const isWindow = box.matches("dialog");
  const show = () => {
    if (!isWindow) box.hidden = false;
    else if (!box.open) box.showModal();
  };
  const hide = () => {
    if (isWindow) return box.close();
    if (box.contains(document.activeElement)) document.getElementById("contenu").focus();
    box.hidden = true;
  };
  // Said once for each minute: a screen reader reads every change.
  const say = (seconds) => {
    const minutes = Math.round(seconds / 60);
    const { less, one, many, over } = said.dataset;
    const words = seconds <= 0 ? over : seconds < 50 ? less : minutes < 2 ? one : many.replace("#", minutes);
    if (said.textContent !== words) said.textContent = words;
    for (const part of box.querySelectorAll("[data-limit-before]")) part.hidden = seconds <= 0;
    for (const part of box.querySelectorAll("[data-limit-after]")) part.hidden = seconds > 0;
  };
  const tell = () => { if (tabs) tabs.postMessage({ name, end }); };

  /* What the server says of the end; false when it does not answer. */
  const learnFromServer = async () => {
    if (!ask) return true;
    const answer = await fetch(ask, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return false;
    const { seconds, until } = await answer.json();
    end = Date.now() + seconds * 1000;
    if (hour && seconds > 0) hour.textContent = until;
    return true;
  };

  async function look() {
    if (left() <= warned && !(await learnFromServer())) return later(AGAIN);
    const seconds = left();
    if (seconds > warned) { hide(); return later((seconds - warned) * 1000); }
    if (isWindow) say(seconds);
    show();
    // What appears with its words is not read: the words come a moment later.
    if (!isWindow) setTimeout(say, 200, seconds);
    if (seconds > 0) later((seconds % 60 || 60) * 1000);
    else if (isWindow) box.querySelector("a[data-limit-after]").focus();
  }

  async function prolong() {
    const answer = await fetch(stay || location.href).catch(() => null);
    if (ask) await learnFromServer();
    else if (answer && answer.ok) end = Date.now() + lasts * 1000;
    await look();
    tell();
  }

  box.querySelector("[data-limit-stay]").addEventListener("click", prolong);
  box.querySelector("[data-limit-close]")?.addEventListener("click", hide);
  // Escape is an answer too: somebody is there.
  box.addEventListener("cancel", (event) => { if (left() > 0) { event.preventDefault(); prolong(); } });
  tell();
  later((lasts - warned) * 1000);
  return { look, learn: (data) => { if (data.name === name && data.end > end) { end = data.end; look(); } } };
}
