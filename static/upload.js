/* Says that a file is too heavy before it is sent over a phone's slow line; the server checks again. */
"use strict";

for (const input of document.querySelectorAll("input[type=file][data-max-megabytes]")) {
  const limit = Number(input.dataset.maxMegabytes);
  input.addEventListener("change", () => {
    const heavy = [...input.files].find((file) => file.size > limit * 1024 * 1024);
    const words = heavy
      ? input.dataset.tooHeavy.replace("{name}", heavy.name).replace("{weight}", Math.ceil(heavy.size / 1048576))
      : "";
    input.setCustomValidity(words);
    if (heavy) {
      input.form.noValidate = false;
      input.reportValidity();
    }
  });
}
