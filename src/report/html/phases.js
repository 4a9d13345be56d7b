// SPDX-License-Identifier: Apache-2.0
// Where the time goes, at one chunk size: phases as stacked bars.

const PHASE_COLOURS = { create: 2, size: 8, map: 4, fill: 0, sync: 1, unmap: 3, close: 7 };

// A reader creates no file.
const phaseOf = (one, phase) => one.kind === "reader" && phase === "create" ? "open" : phase;

// A channel has one phase: there is nothing to divide. A time that holds clocks is none to divide.
const hasPhases = (one) => one.latency !== "each" && one.phases.some((row) => PHASES.filter((phase) => meanOf(row, phase) > row.time_ns / 2000).length > 1);

const meanOf = (row, phase) => row[`${phase}_ns`];

function phaseRows(state) {
    const rows = state.table.phases, sizes = [...new Set(rows.map((row) => row.chunk_bytes))];
    const wanted = state.phaseChunk ?? 4096;
    const nearest = sizes.reduce((a, b) => Math.abs(Math.log(b / wanted)) < Math.abs(Math.log(a / wanted)) ? b : a);
    return { sizes: sizes.sort((a, b) => a - b), chunk: nearest, rows: rows.filter((row) => row.chunk_bytes === nearest) };
}

function phaseTable(one, rows, phases, asShare) {
    const say = (row, phase) => asShare ? `${digits(100 * meanOf(row, phase) / row.time_ns)} %` : sayTime(meanOf(row, phase));
    return make("details", {}, make("summary", {}, "The same as a table"), table("Mean time of each phase",
        [{ text: "kernel", isText: true }, { text: "all" }, ...phases.map((phase) => ({ text: phaseOf(one, phase) })), { text: "page faults" }, { text: "calls" }],
        rows.map((row) => [visible(row.writer), sayTime(row.time_ns), ...phases.map((phase) => say(row, phase)), sayCount(row.minor_faults), sayCount(row.calls)])));
}

function phaseSection(state) {
    const { sizes, chunk, rows } = phaseRows(state), asShare = state.phaseShare ?? false;
    const phases = PHASES.filter((phase) => rows.some((row) => meanOf(row, phase) > row.time_ns / 2000));
    const most = rows.map((row) => [row, phases.reduce((a, b) => meanOf(row, b) > meanOf(row, a) ? b : a, phases[0])]);
    const say = asShare ? (value) => `${digits(value)} %` : sayTime;
    const box = figure({
        text: `Where the time goes in chunks of ${sayBytes(chunk)}, mean of the samples. ${most.map(([row, phase]) => `${visible(row.writer)}: ${sayTime(row.time_ns)}, `
            + `${digits(100 * meanOf(row, phase) / row.time_ns)} % of it ${phaseOf(state.table, phase)}`).join("; ")}.`,
        below: phaseTable(state.table, rows, phases, asShare),
        chart: () => ({
            type: "bar",
            data: {
                labels: rows.map((row) => visible(row.writer)),
                datasets: phases.map((phase) => {
                    const { colour } = styleOf(PHASE_COLOURS[phase]);
                    return { label: phaseOf(state.table, phase), phase, data: rows.map((row) => asShare ? 100 * meanOf(row, phase) / row.time_ns : meanOf(row, phase)), backgroundColor: colour, borderColor: colourOf("card"), borderWidth: 1 };
                }),
            },
            options: {
                indexAxis: "y",
                scales: {
                    x: linearAxis(asShare ? "share of the time" : "time per file", say, { stacked: true, beginAtZero: true, max: asShare ? 100 : undefined }),
                    y: { stacked: true, grid: { display: false }, ticks: { color: colourOf("text"), autoSkip: false } },
                },
                plugins: {
                    legend: { display: true, position: "bottom", labels: { color: colourOf("text"), usePointStyle: true, pointStyle: "rect" } },
                    tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${sayTime(meanOf(rows[item.dataIndex], item.dataset.phase))}, ${digits(100 * meanOf(rows[item.dataIndex], item.dataset.phase) / rows[item.dataIndex].time_ns)} %` } },
                },
            },
        }),
    });
    box.querySelector(".canvas").style.height = `${Math.max(12, 6 + 2.1 * rows.length)}rem`;
    return [
        make("div", { class: "bar" },
            select("Chunks of", sizes.map((size) => [size, sayBytes(size)]), chunk, (size) => { state.phaseChunk = Number(size); state.redraw(["phases"]); }),
            choice("What a bar is", [[false, "Time"], [true, "Share"]], asShare, (share) => { state.phaseShare = share; state.redraw(["phases"]); })),
        box,
    ];
}
