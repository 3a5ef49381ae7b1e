/* Asks now and then whether the bank has answered, and loads the page again when it has.
   Without the script the page is read again by its link. The answer is JSON: {"answered"}. */
"use strict";

const FIRST = 2000;
const SLOWEST = 15000;

async function wait(box, delay) {
  const answer = await fetch(box.dataset.paymentWait, { headers: { Accept: "application/json" } }).catch(() => null);
  const state = answer && answer.ok ? await answer.json() : null;
  if (state && state.answered) location.reload();
  else setTimeout(wait, delay, box, Math.min(delay * 1.5, SLOWEST));
}

document.querySelectorAll("[data-payment-wait]").forEach((box) => setTimeout(wait, FIRST, box, FIRST));
