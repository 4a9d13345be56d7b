// SPDX-License-Identifier: Apache-2.0
// All rows: sorted, filtered, taken away as CSV; and the runs as they were read.

const ROW_COLUMNS = [
    { key: "writer", text: "benchmark", isText: true, say: visible },
    { key: "table", text: "files", isText: true, say: visible },
    { key: "chunk_bytes", text: "chunk", say: (bytes) => bytes > 0 ? sayBytes(bytes) : "" },
    { key: "samples", text: "samples", say: sayCount },
    { key: "median", text: "median", say: sayTime },
    { key: "median_low", text: "from", say: sayTime },
    { key: "median_high", text: "to", say: sayTime },
    { key: "fast_half_mean", text: "faster half", say: sayTime },
    { key: "lowest", text: "least", say: sayTime },
    { key: "highest", text: "most", say: sayTime },
    { key: "throughput", text: "throughput", say: sayRate },
    { key: "mark", text: "rank", isText: true, say: (mark) => mark === "best" ? "fastest" : mark ?? "" },
    { key: "errors", text: "failed", say: (count) => count > 0 ? sayCount(count) : "" },
    { key: "error", text: "why", isText: true, say: (text) => visible(text ?? "") },
];

function allRows(state) {
    const rows = state.run.show.tables.flatMap((one) => one.cells.map((cell) => ({ ...cell, table: one.name })));
    rows.push(...state.run.show.others.map((cell) => ({ ...cell, table: "" })));
    // `show` leaves out the controls.
    const shown = new Set(rows.map((row) => row.name));
    rows.push(...state.run.cells.filter((cell) => !shown.has(cell.name)).map((cell) => ({ ...cell, ...cell.time, table: "control" })));
    return rows.map((row) => ({ ...row, throughput: state.cells.get(row.name)?.throughput?.median ?? null }));
}

function sortRows(rows, { key, down }) {
    const order = (a, b) => a === b ? 0 : a === null || a === undefined ? 1 : b === null || b === undefined ? -1
        : (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true })) * (down ? -1 : 1);
    return key === null ? rows : [...rows].sort((a, b) => order(a[key], b[key]));
}

// A field that a spreadsheet would take for a formula gets an apostrophe in front.
function csvField(value) {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll("\"", "\"\"")}"` : safe;
}

function csvOf(rows) {
    const keys = ["name", ...ROW_COLUMNS.map((column) => column.key)];
    return [keys, ...rows.map((row) => keys.map((key) => row[key]))].map((line) => `${line.map(csvField).join(",")}\r\n`).join("");
}

function rowSection(state) {
    const all = allRows(state), sort = state.sort;
    const columns = ROW_COLUMNS.filter(({ key }) => all.some((row) => row[key] !== null && row[key] !== undefined && row[key] !== "" && !(key === "errors" && row[key] === 0)));
    const body = make("tbody"), count = make("span", { role: "status", class: "note" });
    const found = () => sortRows(all.filter((row) => state.filter.toLowerCase().split(" ").every((word) => row.name.toLowerCase().includes(word))), sort);
    const fill = () => {
        const rows = found();
        body.replaceChildren(...rows.map((row) => make("tr", {}, columns.map(({ key, isText, say }, i) => i === 0
            ? make("th", { scope: "row", class: "text" }, button(say(row[key]), null, () => state.openCell(row.name)))
            : make("td", { class: isText ? "text" : null }, say(row[key]))))));
        count.textContent = `${sayCount(rows.length)} of ${plural(all.length, "row")}`;
    };
    const headings = columns.map((column) => {
        const heading = make("th", { scope: "col", class: column.isText ? "text" : null, "aria-sort": "none" });
        heading.append(button(column.text, null, () => {
            sort.down = sort.key === column.key && !sort.down;
            sort.key = column.key;
            mark();
            fill();
        }));
        return heading;
    });
    const mark = () => headings.forEach((heading, i) => {
        const is = columns[i].key === sort.key;
        heading.setAttribute("aria-sort", !is ? "none" : sort.down ? "descending" : "ascending");
        heading.firstChild.textContent = `${columns[i].text}${!is ? "" : sort.down ? " ▼" : " ▲"}`;
    });
    const search = make("input", { type: "search", value: state.filter, oninput: () => { state.filter = search.value; fill(); } });
    mark();
    fill();
    return [
        make("div", { class: "bar" }, make("label", {}, "Names with", search),
            button("Download these rows as CSV", null, () => download("rows.csv", "text/csv", csvOf(found())), { class: "download", id: "csv" }), count),
        make("div", { class: "scroll tall", tabindex: "0", role: "group", "aria-label": "All rows" }, make("table", { id: "rows-table" }, make("thead", {}, make("tr", {}, headings)), body)),
    ];
}

function fileSection(state) {
    const files = state.data.runs.filter((run) => run.file >= 0);
    return [
        make("p", { class: "note" }, "The runs, byte by byte as they were read: JSON of Google Benchmark, for bench_results and any other tool."),
        make("div", { class: "bar" }, files.map((run) => button(visible(run.path), null, async () => {
            download(run.path.split("/").at(-1), "application/json", await unpacked(`file-${run.file}`));
        }, { class: "download" }))),
    ];
}
