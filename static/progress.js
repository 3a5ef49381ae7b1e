/* Moves a progress bar along while a job runs, and loads the page again when it has ended, or when one that waits begins.
   Without the script the page loads itself anew. The answer is JSON: {"done", "total", "finished"}, and "waiting" where a
   job may wait. A bar without figures beside it only says that the job goes on. */
"use strict";

const EVERY = 1000;
const SLOWER = 5000;

async function follow(box) {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-progress-text]");
  const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer || !answer.ok) {
    setTimeout(follow, SLOWER, box);
    return;
  }
  const state = await answer.json();
  if (state.finished || (!bar && !state.waiting)) {
    location.reload();
    return;
  }
  if (bar && text) {
    bar.max = state.total || 1;
    bar.value = state.done;
    text.textContent = `${state.done} / ${state.total}`;
  }
  if (!state.waiting) document.querySelectorAll("[data-until-begun]").forEach((line) => line.remove());
  setTimeout(follow, EVERY, box);
}

document.querySelectorAll("[data-progress]").forEach(follow);
