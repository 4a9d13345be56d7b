// SPDX-License-Identifier: Apache-2.0
// Who is how far from the fastest, as a table: a row a chunk size.

const HEAT_LIMITS = [1, 1.25, 2, 5];

function rankCell(state, row, size, kernel) {
    const cell = row.find((other) => other.writer === kernel);
    if (!cell)
        return make("td", { class: "note" }, "–");
    const open = (text, label) => button(text, null, () => state.openCell(cell.name), { "aria-label": `${visible(kernel)}, chunks of ${sayBytes(size)}: ${label ?? text}` });
    if (!(cell.median > 0))
        return make("td", {}, open(cell.errors > 0 ? "failed" : "not measured"));
    const least = Math.min(...row.map((other) => other.median).filter((median) => median > 0)), ratio = cell.median / least;
    const heat = cell.mark ? 0 : HEAT_LIMITS.filter((limit) => ratio > limit).length;
    const words = cell.mark === "best" ? "fastest" : cell.mark === "tied" ? `tied, ${sayTimes(ratio)}` : sayTimes(ratio);
    return make("td", { class: `heat-${heat}`, title: `${sayTime(cell.median)} (${sayInterval(sayTime, cell.median_low, cell.median_high)})` },
        open(words, `${words}, ${sayTime(cell.median)}`));
}

function rankSection(state) {
    const one = state.table, kernels = kernelsOf(one);
    const rowOf = new Map(sizesOf(one).map((size) => [size, one.cells.filter((cell) => cell.chunk_bytes === size)]));
    return [
        make("p", { class: "note" }, "How many times as long as the fastest of its row a kernel takes (medians)."
            + `${one.cells.some((cell) => cell.mark) ? " Fastest: the shortest mean of the faster half of its samples; tied: cannot be told from it." : ""}`),
        make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Ranks" }, make("table", { class: "heat" },
            make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "chunk"), kernels.map((name) => make("th", { scope: "col" }, visible(name))))),
            make("tbody", {}, [...rowOf].map(([size, row]) => make("tr", {}, make("th", { scope: "row" }, sayBytes(size)),
                kernels.map((name) => rankCell(state, row, size, name))))))),
    ];
}
