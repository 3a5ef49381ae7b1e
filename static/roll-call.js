/* The roll-call on a tablet: a tap shows at once, is kept in the browser, and is sent when there is a connection.
   The server notes each mark once, so sending one again does no harm. Without this script each tap is a form. */
"use strict";

const list = document.querySelector("[data-roll]");
const banner = document.querySelector("[data-roll-sync]");
const STORE = "preau.pointage";
const LATER = 15000;

const read = () => JSON.parse(localStorage.getItem(STORE) || "[]");
const write = (marks) => localStorage.setItem(STORE, JSON.stringify(marks));
const hour = (instant) => instant ? new Date(instant).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" }).replace(":", " h ") : "–";

function tell(text) {
  banner.textContent = text;
  banner.hidden = !text;
}

function show(row, mark) {
  row.dataset.presence = mark.presence || "";
  for (const button of row.querySelectorAll(".roll-button")) {
    const isOn = button.value === mark.presence;
    button.classList.toggle("on", isOn);
    button.setAttribute("aria-pressed", String(isOn));
  }
  row.querySelector("[data-roll-arrived]").textContent = hour(mark.arrivedAt);
  row.querySelector("[data-roll-gone]").textContent = hour(mark.leftAt);
  row.dataset.arrivedAt = mark.arrivedAt || "";
  row.dataset.leftAt = mark.leftAt || "";
  const rows = [...list.querySelectorAll("[data-child]")];
  document.querySelector("[data-roll-present]").textContent = rows.filter((one) => one.dataset.presence === "present").length;
  document.querySelector("[data-roll-left]").textContent = rows.filter((one) => !one.dataset.presence).length;
}

function markOf(row, word) {
  const now = new Date().toISOString();
  const isThere = word === "present" || word === "arrived" || word === "left";
  return {
    key: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2, 12)}`,
    day: Number(list.dataset.roll),
    child: Number(row.dataset.child),
    presence: isThere ? "present" : word === "absent" ? "absent" : null,
    notedAt: now,
    arrivedAt: word === "arrived" ? now : isThere ? row.dataset.arrivedAt || null : null,
    leftAt: word === "left" ? now : isThere ? row.dataset.leftAt || null : null,
  };
}

function pending() {
  const count = read().length;
  if (!count) return tell("");
  tell(count === 1 ? banner.dataset.pendingOne : banner.dataset.pendingMany.replace("#", count));
}

let isSending = false;
async function send() {
  const marks = read().slice(0, 200);
  if (isSending || !marks.length) return;
  isSending = true;
  try {
    const answer = await fetch(list.dataset.sync, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": list.dataset.token },
      body: JSON.stringify({ marks }),
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { answers } = await answer.json();
    const settled = new Set(answers.map((one) => one.key));
    write(read().filter((mark) => !settled.has(mark.key)));
    const refused = answers.filter((one) => one.state === "refused");
    if (refused.length) tell([...new Set(refused.map((one) => one.why))].join(" "));
    else if (read().length) pending();
    else tell(banner.dataset.sent);
  } catch (_error) {
    pending();
    setTimeout(send, LATER);
  } finally {
    isSending = false;
  }
}

if (list && banner) {
  list.addEventListener("submit", (event) => {
    const row = event.target.closest("[data-child]");
    if (!row || !event.submitter) return;
    event.preventDefault();
    const mark = markOf(row, event.submitter.value);
    show(row, mark);
    write([...read(), mark]);
    send();
  });
  for (const mark of read()) {
    const row = mark.day === Number(list.dataset.roll) && list.querySelector(`[data-child="${mark.child}"]`);
    if (row) show(row, mark);
  }
  addEventListener("online", send);
  pending();
  send();
  if (navigator.serviceWorker) navigator.serviceWorker.register(list.dataset.worker, { scope: "/pointage" });
}

/* Whoever leaves takes the children's names with them: nothing stays in the tablet. */
document.querySelector("form[action$='deconnexion']")?.addEventListener("submit", () => {
  if (!read().length) localStorage.removeItem(STORE);
  caches.keys().then((names) => names.filter((name) => name.startsWith("pointage")).forEach((name) => caches.delete(name)));
});
