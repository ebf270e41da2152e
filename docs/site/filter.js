// Adds controls to the index of rules, which hide the rules that do not match.
(function () {
  "use strict";
  const tables = [...document.querySelectorAll(".rules table")];
  if (tables.length === 0) return;

  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const controls = document.createElement("form");
  controls.className = "rule-filter";
  const text = document.createElement("input");
  text.type = "search";
  text.placeholder = "Filter rules by name or text";
  text.setAttribute("aria-label", text.placeholder);
  const level = choice("Any level", ["error", "warning", "note"]);
  const fix = choice("Any fix", ["safe", "unsafe", "none"]);
  const initial = choice("On and off", ["on", "off"]);
  const count = document.createElement("output");
  controls.append(text, level, fix, initial, count);
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("input", update);
  section(tables[0])[0].before(controls);
  update();

  // A select element whose first option means no restriction.
  function choice(any, values) {
    const select = document.createElement("select");
    select.setAttribute("aria-label", any);
    select.append(new Option(any, ""), ...values.map((value) => new Option(value, value)));
    return select;
  }

  // The heading of a table's section and everything below it, up to the table.
  function section(table) {
    let last = table;
    while (last.parentElement && !last.parentElement.matches("article, .md-content__inner")) last = last.parentElement;
    const parts = [last];
    while (parts[0].previousElementSibling && !parts[0].matches("h2")) parts.unshift(parts[0].previousElementSibling);
    return parts;
  }

  function update() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const cells = [...row.cells].map((cell) => cell.textContent.trim());
      const category = row.querySelector("a").getAttribute("href");
      const all = (category + " " + cells.join(" ")).toLowerCase();
      const fits = (select, cell) => !select.value || cell.split(" or ").includes(select.value);
      row.hidden = !(
        words.every((word) => all.includes(word)) && fits(level, cells[2]) && fits(fix, cells[3]) && fits(initial, cells[4])
      );
      shown += row.hidden ? 0 : 1;
    }
    for (const table of tables) {
      const empty = [...table.tBodies[0].rows].every((row) => row.hidden);
      for (const part of section(table)) part.hidden = empty;
    }
    count.textContent = shown + (shown === 1 ? " rule" : " rules");
  }
})();
