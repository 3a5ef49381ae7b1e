/* Says that a file is too heavy before it is sent over a phone's slow line; the server checks again. */
"use strict";

for (const input of document.querySelectorAll("input[type=file][data-max-megabytes]")) {
  const limit = Number(input.dataset.maxMegabytes);
  input.addEventListener("change", () => {
    const heavy = [...input.files].find((file) => file.size > limit * 1024 * 1024);
    const words = heavy
      ? `« ${heavy.name} » pèse ${Math.ceil(heavy.size / 1048576)} Mo ; la limite est de ${limit} Mo. Choisissez une photo plus légère.`
      : "";
    input.setCustomValidity(words);
    if (heavy) {
      input.form.noValidate = false;
      input.reportValidity();
    }
  });
}
