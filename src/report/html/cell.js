// SPDX-License-Identifier: Apache-2.0
// One cell: its samples in their order and as a distribution, its phases, its counters.

const PHASES = ["create", "size", "map", "fill", "sync", "unmap", "close"];
const BINS_MOST = 24;

// Even steps between the least and the greatest.
function binsOf(values) {
    const least = Math.min(...values), most = Math.max(...values);
    const count = least === most ? 1 : Math.min(BINS_MOST, Math.max(5, Math.ceil(2 * Math.cbrt(values.length) * 1.5)));
    const width = (most - least) / count || Math.max(1, least * 0.01), bins = new Array(count).fill(0);
    for (const value of values)
        bins[Math.min(count - 1, Math.floor((value - least) / width))]++;
    return bins.map((samples, i) => ({ x: least + (i + 0.5) * width, y: samples, from: least + i * width, to: least + (i + 1) * width }));
}

function quantile(values, share) {
    const sorted = values.filter(isNumber).sort((a, b) => a - b), at = (sorted.length - 1) * share;
    return sorted.length === 0 ? null : sorted[Math.floor(at)] + (sorted[Math.ceil(at)] - sorted[Math.floor(at)]) * (at % 1);
}

// Of chunks that come back, the time of a round trip; with a clock between the chunks, that of a chunk.
const timesOf = (cell) => (cell.values[cell.measure] ?? cell.values.time)?.filter(isNumber);
const measureOfCell = (cell) => MEASURES[cell.measure];

function samplesFigure(state, cell) {
    const times = timesOf(cell), least = Math.min(...times), isNearZero = least < 0.1 * Math.max(...times), { colour, mark } = styleOf(state.indexOf(cell.writer));
    return figure({
        className: "low",
        text: `${plural(times.length, "sample")} in the order in which they were taken, ${sayTime(least)} to ${sayTime(Math.max(...times))}; the line is the median, ${sayTime(cell.time?.median)}.`,
        chart: () => ({
            type: "line",
            data: { datasets: [
                { data: times.map((y, i) => ({ x: i + 1, y })), showLine: false, borderColor: colour, backgroundColor: colour, pointStyle: mark, pointRadius: times.length > 200 ? 2 : 4.5, clip: 8 },
                { data: [{ x: 1, y: cell.time?.median }, { x: Math.max(2, times.length), y: cell.time?.median }], borderColor: colourOf("soft"), borderDash: [6, 4], borderWidth: 1.5, pointRadius: 0, isBand: true },
            ] },
            options: {
                scales: { x: linearAxis("sample", sayCount, { min: 0.5, max: Math.max(2, times.length) + 0.5, ticks: { color: colourOf("soft"), precision: 0, includeBounds: false, callback: sayCount } }), y: linearAxis(measureOfCell(cell), sayTime, { grace: "8%", min: isNearZero ? 0 : undefined }) },
                plugins: { tooltip: { filter: (item) => !item.dataset.isBand, callbacks: { title: (items) => items.length > 0 ? `sample ${items[0].raw.x}` : "", label: (item) => sayTime(item.raw.y) } } },
            },
        }),
    });
}

function distributionFigure(state, cell) {
    const bins = binsOf(timesOf(cell)), { colour } = styleOf(state.indexOf(cell.writer));
    const fullest = bins.reduce((a, b) => b.y > a.y ? b : a);
    return figure({
        className: "low",
        text: `Distribution: ${plural(bins.length, "step")}; most samples (${fullest.y}) took ${sayTime(fullest.from)} to ${sayTime(fullest.to)}.`,
        chart: () => ({
            type: "bar",
            data: { datasets: [{ data: bins, backgroundColor: `${colour}b0`, borderColor: colour, borderWidth: 1, barPercentage: 1, categoryPercentage: 1 }] },
            options: {
                scales: {
                    x: linearAxis(measureOfCell(cell), sayTime, { min: bins[0].from, max: bins.at(-1).to, offset: false, grid: { color: colourOf("grid"), offset: false }, ticks: { color: colourOf("soft"), callback: sayTime, maxRotation: 0, autoSkipPadding: 16, maxTicksLimit: document.documentElement.clientWidth < 500 ? 4 : 7 } }),
                    y: linearAxis("samples", sayCount, { beginAtZero: true, ticks: { color: colourOf("soft"), precision: 0 } }),
                },
                plugins: {
                    lines: { lines: isNumber(cell.time?.median) ? [{ x: cell.time.median, text: "median" }] : [] },
                    tooltip: { callbacks: { title: () => "", label: (item) => `${sayTime(item.raw.from)} to ${sayTime(item.raw.to)}: ${plural(item.raw.y, "sample")}` } },
                },
            },
        }),
    });
}

function counterTable(state, cell) {
    const rows = Object.entries(cell.values).map(([key, values]) => {
        const { label, kind } = state.run.metrics[key], say = (value) => sayOf(kind, value);
        return [label, ...[0.5, 0, 1].map((share) => say(quantile(values, share)))];
    });
    return table("What was counted, per file", [{ text: "figure", isText: true }, { text: "median" }, { text: "least" }, { text: "most" }], rows);
}

// The phases of each sample, one on the other.
function samplePhases(state, cell) {
    const phases = PHASES.filter((phase) => cell.values[phase]?.some((ns, i) => ns > cell.values.time[i] / 200));
    if (phases.length < 2)
        return null;
    return figure({
        text: `Phases of each sample: ${phases.map((phase) => `${phase} ${sayTime(quantile(cell.values[phase], 0.5))}`).join(", ")} (medians).`,
        chart: () => ({
            type: "bar",
            data: {
                labels: cell.values.time.map((_, i) => i + 1),
                datasets: phases.map((phase) => ({ label: phase, data: cell.values[phase], backgroundColor: styleOf(PHASE_COLOURS[phase]).colour, barPercentage: 0.9, categoryPercentage: 1 })),
            },
            options: {
                scales: {
                    x: { stacked: true, title: { display: true, text: "sample", color: colourOf("soft") }, grid: { display: false }, ticks: { color: colourOf("soft"), maxRotation: 0, autoSkipPadding: 12 } },
                    y: linearAxis("time per file", sayTime, { stacked: true, beginAtZero: true }),
                },
                plugins: {
                    legend: { display: true, position: "bottom", labels: { color: colourOf("text"), usePointStyle: true, pointStyle: "rect" } },
                    tooltip: { callbacks: { title: (items) => `sample ${items[0].label}`, label: (item) => `${item.dataset.label}: ${sayTime(item.raw)}` } },
                },
            },
        }),
    });
}

const PERCENTILES = { p50_ns: "p50", p90_ns: "p90", p99_ns: "p99", p999_ns: "p99.9", max_ns: "slowest" };

// Of a cell with a clock between its chunks; percentiles that so few chunks do not have are left out.
function latencyFigure(state, cell) {
    const row = state.run.show.tables.flatMap((one) => one.latencies ?? []).find((one) => one.name === cell.name);
    if (!row)
        return null;
    const keys = Object.keys(PERCENTILES).filter((key) => isNumber(row[key])), { colour } = styleOf(state.indexOf(cell.writer));
    return figure({
        className: "low",
        text: `How long a chunk takes: ${keys.map((key) => `${PERCENTILES[key]} ${sayTime(row[key])}`).join(", ")}; percentiles of ${plural(row.chunks, "chunk")}, `
            + `median of ${plural(cell.samples, "sample")}. Each chunk's time holds a reading of the clock, ${sayTime(row.clock_ns)}.`,
        chart: () => ({
            type: "bar",
            data: { labels: keys.map((key) => PERCENTILES[key]), datasets: [{ data: keys.map((key) => row[key]), backgroundColor: `${colour}b0`, borderColor: colour, borderWidth: 1, maxBarThickness: 60 }] },
            options: {
                scales: { x: { grid: { display: false }, ticks: { color: colourOf("text") } }, y: timeAxis("latency of a chunk") },
                plugins: { tooltip: { callbacks: { label: (item) => sayTime(item.raw) } } },
            },
        }),
    });
}

function cellSection(state) {
    const cell = state.cells.get(state.cellName) ?? state.run.cells.find((one) => one.samples > 0) ?? state.run.cells[0];
    const times = timesOf(cell);
    return [
        make("div", { class: "bar" }, select("Cell", state.run.cells.map((one) => [one.name, state.shortOf(one.name)]), cell.name, (name) => {
            state.cellName = name;
            state.redraw(["cell"]);
        })),
        make("p", { class: "printed" }, cell.name),
        cell.errors > 0 ? make("p", { class: "failure" }, `${plural(cell.errors, "sample")} failed: ${visible(cell.error)}`) : null,
        cell.time ? make("p", {}, `${capital(measureOfCell(cell))}: median ${sayTime(cell.time.median)} (${sayInterval(sayTime, cell.time.median_low, cell.time.median_high)}), `
            + `mean of the faster half ${sayTime(cell.time.fast_half_mean)}, ${plural(cell.samples, "sample")}`
            + `${cell.throughput ? `, ${sayRate(cell.throughput.median)}` : ""}.`) : null,
        times && times.length > 0 ? make("div", { class: "pair" }, samplesFigure(state, cell), distributionFigure(state, cell)) : make("p", {}, "The file keeps no sample of it."),
        latencyFigure(state, cell),
        times && times.length > 0 ? make("div", { class: "pair" }, counterTable(state, cell), samplePhases(state, cell)) : null,
    ];
}
