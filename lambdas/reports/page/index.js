"use strict";
// The table of all runs shows only those of a scenario or outcome. Without this script it shows all of them.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const rows = [...document.querySelectorAll("#runs tbody tr")];
  const output = form.querySelector("output");
  const matches = (row) =>
    (!form.scenario.value || row.dataset.scenario === form.scenario.value) &&
    (!form.state.value || row.dataset.state === form.state.value);
  const apply = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !matches(row);
      shown += !row.hidden;
    }
    output.textContent = `${shown} of ${rows.length} shown`;
  };
  form.addEventListener("change", apply);
  // A page that is come back to keeps what was chosen.
  window.addEventListener("pageshow", apply);
  form.hidden = false;
})();
