// Sorts a table by the column whose head is pressed: first up, then down. Without a script the tables stay in their order.
"use strict";
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const keyOf = (row, column) => {
  const cell = row.cells[column];
  const key = cell.dataset.key ?? cell.textContent.trim();
  return key === "–" ? "" : key;
};
const compare = (a, b, up) => {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1; // what is not known stays last
  const both = [Number(a), Number(b)];
  return up * (both.some(Number.isNaN) ? collator.compare(a, b) : both[0] - both[1]);
};
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, place) => ({ row, place, key: keyOf(row, column) }));
    rows.sort((a, b) => compare(a.key, b.key, up) || a.place - b.place);
    body.append(...rows.map(({ row }) => row));
    heads.filter((other) => other.hasAttribute("aria-sort")).forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
    const button = head.querySelector("button");
    const name = button.getAttribute("aria-label") ?? button.textContent.trim();
    document.getElementById("said").textContent = `Sorted by ${name}, ${up > 0 ? "ascending" : "descending"}`;
  }));
}
