// SPDX-License-Identifier: Apache-2.0
// How a cell went, run after run: its levels, what was accepted, and what else changed.

const INTERVAL_LEAST = 5;

const dayOf = (run) => (run?.date ?? "").slice(0, 16);

// The cell whose level changed last, or else the first.
function cellAtFirst(history) {
    const lastOf = (cell) => stepsOf(cell).at(-1)?.at ?? -1;
    return history.cells.reduce((a, b) => lastOf(b) > lastOf(a) ? b : a);
}

function stepText(history, step) {
    const run = history.runs[step.at];
    return `${sayChange(step.ratio.estimate)} since ${dayOf(run)} (run ${run.run.slice(0, 12)}${run.revision ? `, revision ${visible(run.revision, 20)}` : ""}), ${sayP(step.p)}`
        + `${step.accepted ? `; accepted: ${step.accepted}` : ""}`;
}

// The steps that a drift was cut into are none.
const stepsOf = (cell) => cell.is_drift ? cell.steps.filter((step) => step.at < cell.drift_from) : cell.steps;

const changesOf = (history, cell) => [...stepsOf(cell).map((step) => stepText(history, step)), ...cell.is_drift
    ? [`drifts, ${sayChange(cell.drift_per_run.estimate)} a run over the runs from ${dayOf(history.runs[cell.drift_from])} on`] : []];

const changesAt = (data, at) => data.changes.filter((change) => change.run === at).map((change) => `${change.name}: ${visible(change.before ?? "unknown", 60)} → ${visible(change.after ?? "unknown", 60)}`);

function historyTip(data, cell) {
    return {
        filter: (item) => !item.dataset.isBand,
        callbacks: {
            title: (items) => items.length > 0 ? `${dayOf(data.document.runs[items[0].raw.x])}: ${sayTime(items[0].raw.y)}` : "",
            label: (item) => `run ${data.document.runs[item.raw.x].run.slice(0, 12)}, revision ${visible(data.document.runs[item.raw.x].revision ?? "unknown", 20)}`,
            afterLabel: (item) => [...stepsOf(cell).filter((step) => step.at === item.raw.x).map((step) => `new level: ${stepText(data.document, step)}`), ...changesAt(data, item.raw.x)],
        },
    };
}

// The curve of a drift: its slope, through the median.
function driftOf(cell) {
    const slope = Math.log(cell.drift_per_run.estimate), from = cell.drift_from;
    const height = quantile(cell.time_ns.map((time, x) => x >= from && time > 0 ? Math.log(time) - slope * x : NaN).filter(isNumber), 0.5);
    return cell.time_ns.slice(from).map((time, i) => ({ x: from + i, y: Math.exp(height + slope * (from + i)) }));
}

// The median of each level.
function levelsOf(cell) {
    const bounds = [0, ...stepsOf(cell).map((step) => step.at), cell.is_drift ? cell.drift_from : cell.time_ns.length];
    const levels = bounds.slice(0, -1).flatMap((from, i) => {
        if (from === bounds[i + 1])
            return [];
        const y = quantile(cell.time_ns.slice(from, bounds[i + 1]), 0.5);
        return [{ x: from, y }, { x: bounds[i + 1] - 1, y }, { x: bounds[i + 1] - 1, y: NaN }];
    });
    return cell.is_drift ? [...levels, ...driftOf(cell)] : levels;
}

function historyChart(data, cell, range) {
    const { runs } = data.document, { colour } = styleOf(0);
    return {
        type: "line",
        data: { datasets: [
            { data: cell.time_ns.map((y, x) => ({ x, y })).filter((point) => isNumber(point.y)), showLine: false, pointRadius: runs.length > 300 ? 2 : 3.5, borderColor: colour, backgroundColor: colour },
            { data: levelsOf(cell), borderColor: colourOf("text"), borderWidth: 2, pointRadius: 0, pointHitRadius: 0, isBand: true },
        ] },
        options: {
            interaction: { mode: "nearest", intersect: false, axis: "x" },
            scales: {
                x: linearAxis("run", (at) => Number.isInteger(at) ? dayOf(runs[at]).slice(0, 10) : "", { min: range[0] - 0.5, max: range[1] + 0.5 }),
                y: linearAxis("time", sayTime, { grace: "10%" }),
            },
            plugins: {
                tooltip: historyTip(data, cell),
                lines: { lines: stepsOf(cell).map((step) => ({ x: step.at - 0.5, text: `${sayChange(step.ratio.estimate)}${step.accepted ? ", accepted" : ""}`, colour: colourOf(step.accepted ? "soft" : step.ratio.estimate > 1 ? "bad" : "good") })) },
            },
        },
    };
}

function historyText(history, cell) {
    return `${visible(cell.cell)}: ${plural(cell.runs, "run")}, first ${sayTime(cell.first_ns)}, last ${sayTime(cell.last_ns)}, median ${sayTime(cell.median_ns)}; `
        + `${changesOf(history, cell).join("; ") || "no change of level was found"}.`;
}

// The runs that are seen, by two sliders; the chart is moved, not made anew.
function rangeControl(history, range, onmove) {
    const last = history.runs.length - 1;
    const slider = (label, i) => {
        const input = make("input", { type: "range", min: 0, max: last, value: range[i], "aria-label": label });
        input.addEventListener("input", () => {
            range[i] = i === 0 ? Math.min(Number(input.value), Math.max(0, range[1] - INTERVAL_LEAST)) : Math.max(Number(input.value), Math.min(last, range[0] + INTERVAL_LEAST));
            input.value = range[i];
            input.setAttribute("aria-valuetext", dayOf(history.runs[range[i]]));
            onmove();
        });
        input.setAttribute("aria-valuetext", dayOf(history.runs[range[i]]));
        return make("label", { class: "range" }, label, input);
    };
    return make("div", { class: "pair" }, slider("From", 0), slider("To", 1));
}

function historySection(state) {
    const data = state.data.history, history = data.document;
    const cell = history.cells.find((one) => one.cell === state.historyCell) ?? cellAtFirst(history);
    const shortOf = shortNames(history.cells.map((one) => ({ name: one.cell })));
    state.range ??= [0, history.runs.length - 1];
    const box = figure({ text: historyText(history, cell), chart: () => historyChart(data, cell, state.range) });
    const move = () => {
        const chart = drawn.find((one) => box.contains(one.canvas));
        Object.assign(chart.options.scales.x, { min: state.range[0] - 0.5, max: state.range[1] + 0.5 });
        chart.update("none");
    };
    const choose = (name) => { state.historyCell = name; state.redraw(["history"]); };
    return [
        make("p", { class: "note" }, `Machine ${history.machine}: ${plural(history.runs.length, "run")} from ${dayOf(history.runs[0])} to ${dayOf(history.runs.at(-1))}. A dot is a run, a line a level, a dashed line the run with which a new level begins; under the pointer stands what else changed there.`),
        make("div", { class: "bar" }, select("Cell", history.cells.map((one) => [one.cell, shortOf(one.cell)]), cell.cell, choose)),
        rangeControl(history, state.range, move), box,
        history.accepted.length > 0 ? make("details", {}, make("summary", {}, "What was accepted"), make("ul", {}, history.accepted.map((one) =>
            make("li", {}, `${visible(one.cell ?? "all cells")} since ${(one.since?.date ?? "").slice(0, 16)}: ${visible(one.reason ?? "")}`)))) : null,
        make("details", {}, make("summary", {}, "All cells"), table("How each cell went", [{ text: "cell", isText: true }, { text: "runs" }, { text: "first" }, { text: "last" }, { text: "median" }, { text: "newest change", isText: true }],
            history.cells.map((one) => [button(shortOf(one.cell), null, () => choose(one.cell)), sayCount(one.runs), sayTime(one.first_ns), sayTime(one.last_ns), sayTime(one.median_ns), changesOf(history, one).at(-1) ?? ""]))),
    ];
}
