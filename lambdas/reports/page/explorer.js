// The explorer of a run page: its controls choose one of the prepared views of every picture, and a sentence.
"use strict";

{
  const PREFIX = "#explore=";

  /** What a part of the page shows: the view that belongs to the chosen values of the controls that it follows. */
  const chosen = (part, values) => part.views[part.controls.map((name) => values.get(name)).join("/")];

  function explore(form) {
    const { pictures, reading } = JSON.parse(document.getElementById("explorer-data").textContent);
    const sentence = document.getElementById("explorer-reading");
    const show = () => {
      const values = new FormData(form);
      for (const [key, part] of Object.entries(pictures)) Charts.show(key, chosen(part, values));
      sentence.textContent = chosen(reading, values);
    };
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      show();
      history.replaceState(null, "", PREFIX + new URLSearchParams(new FormData(form)));
    });
    if (location.hash.startsWith(PREFIX) && restore(form, new URLSearchParams(location.hash.slice(PREFIX.length)))) show();
  }

  /** Sets controls to what a link asks for; whether there was anything that they have. */
  function restore(form, wanted) {
    let found = false;
    for (const [name, value] of wanted) {
      const control = form.elements.namedItem(name);
      const options = control instanceof RadioNodeList ? Array.from(control) : Array.from(control?.options ?? []);
      if (options.some((option) => option.value === value)) {
        control.value = value;
        found = true;
      }
    }
    return found;
  }

  const form = document.getElementById("explorer");
  if (form) explore(form);
}
