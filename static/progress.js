/* Moves a progress bar along while a job runs, and loads the page again when it has ended.
   Without the script the page is read again by hand. The answer is JSON: {"done", "total", "finished"}. */
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
  bar.max = state.total || 1;
  bar.value = state.done;
  text.textContent = `${state.done} / ${state.total}`;
  if (state.done) document.querySelectorAll("[data-until-begun]").forEach((line) => line.remove());
  if (state.finished) location.reload();
  else setTimeout(follow, EVERY, box);
}

document.querySelectorAll("[data-progress]").forEach(follow);
