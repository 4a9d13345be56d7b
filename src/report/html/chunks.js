// SPDX-License-Identifier: Apache-2.0
// Time and throughput against the chunk size.

const DRAWN_AT_FIRST = 8;

const sizesOf = (one) => [...new Set(one.cells.map((cell) => cell.chunk_bytes))].sort((a, b) => a - b);
const kernelsOf = (one) => [...new Set(one.cells.map((cell) => cell.writer))];

// Where there are many, the ones that a reader looks for: who wins somewhere, and both of each pair.
function hiddenAtFirst(state, one) {
    const kernels = kernelsOf(one);
    const wanted = new Set(one.winners.flatMap((winner) => [winner.fastest, ...winner.tied, winner.next]));
    for (const pair of one.pairs)
        wanted.add(pair.first).add(pair.second);
    return new Set([...kernels.length <= DRAWN_AT_FIRST ? [] : kernels.filter((name) => !wanted.has(name)), ...controlNames(state)]);
}

// What measures the machine for kernels of this kind, with files of this size, by as many threads.
function controlsOf(state, one) {
    return state.run.cells.filter((cell) => cell.control_of === one.kind && cell.size_bytes === one.size_bytes && cell.threads === (one.threads ?? 1) && cell.time)
        .map((cell) => ({ ...cell, ...cell.time }));
}

const controlNames = (state) => [...new Set((state.controls ?? []).map((cell) => cell.writer))];

// Chunks that come back, or that are timed one by one, have no throughput.
const hasRates = (state, one) => one.cells.some((cell) => state.cells.get(cell.name)?.throughput);

// {median, low, high} of a cell, as `show` and `show --metric=throughput` have it.
function figuresOf(state, cell) {
    if (state.metric === "time")
        return { y: cell.median, low: cell.median_low, high: cell.median_high };
    const rate = state.cells.get(cell.name)?.throughput;
    return { y: rate?.median, low: rate?.median_low, high: rate?.median_high };
}

function curveOf(state, one, kernel) {
    return [...one.cells, ...state.controls ?? []].filter((cell) => cell.writer === kernel).map((cell) => ({ x: cell.chunk_bytes, cell, ...figuresOf(state, cell) }))
        .filter((point) => point.y > 0).sort((a, b) => a.x - b.x);
}

// Certain ones are lines, possible ones bands.
function crossoverLines(one, hidden) {
    return one.pairs.filter((pair) => !hidden.has(pair.first) && !hidden.has(pair.second)).flatMap((pair) => pair.crossovers
        .filter((crossover) => crossover.chunk_bytes).map((crossover) => ({
            x: crossover.chunk_bytes.estimate,
            text: `${visible(crossover.faster_above === pair.second ? pair.first : pair.second)} → ${visible(crossover.faster_above)}`,
        })).concat((pair.possible_crossovers ?? []).map((where) => ({
            x: where.between_bytes, to: where.and_bytes, text: `${visible(pair.first)} ↔ ${visible(pair.second)}?`, colour: colourOf("soft"),
        }))));
}

function chunkTip(state) {
    const say = state.metric === "time" ? sayTime : sayRate;
    return {
        filter: (item) => !item.dataset.isBand,
        callbacks: {
            title: (items) => items.length > 0 ? `chunks of ${sayBytes(items[0].raw.x)}` : "",
            label: (item) => `${visible(item.dataset.label)}: ${say(item.raw.y)}${item.raw.cell.mark === "best" ? ", fastest"
                : item.raw.cell.mark === "tied" ? ", cannot be told from the fastest" : ""}`,
            afterLabel: (item) => `${isNumber(item.raw.low) ? `${sayInterval(say, item.raw.low, item.raw.high)}; ` : ""}${plural(item.raw.cell.samples, "sample")}`,
        },
    };
}

function chunkChart(state, one, more) {
    const sizes = sizesOf(one), isTime = state.metric === "time";
    return {
        type: "line",
        data: {
            datasets: [...kernelsOf(one), ...controlNames(state)].filter((name) => !state.hidden.has(name))
                .flatMap((name) => lineWithBand(name, state.indexOf(name), curveOf(state, one, name))),
        },
        options: {
            interaction: { mode: "nearest", intersect: true },
            scales: {
                x: chunkAxis(sizes),
                y: logAxis(isTime ? measureOf(one) : "throughput", isTime ? sayTime : sayRate, { afterBuildTicks: roundMarks }),
            },
            plugins: { tooltip: chunkTip(state), lines: { lines: crossoverLines(one, state.hidden) } },
            onClick: (_, elements, chart) => {
                const point = elements.map((element) => chart.data.datasets[element.datasetIndex].data[element.index]).find((raw) => raw.cell);
                if (point)
                    state.openCell(point.cell.name);
            },
            ...more,
        },
    };
}

// For who does not see the chart.
function chunkText(state, one) {
    const sizes = sizesOf(one), best = one.winners.map((winner) => winner.text).filter((text) => text);
    return `${state.metric === "time" ? capital(measureOf(one)) : "Throughput"} of ${plural(kernelsOf(one).length, one.kind ?? "kernel")} in chunks of `
        + `${sizes.length > 1 ? `${sayBytes(sizes[0])} to ${sayBytes(sizes.at(-1))}` : sayBytes(sizes[0])}: medians, and their 95 % intervals as bands; `
        + `both axes are logarithmic. ${[...best, ...crossoverTexts(one)].join(" ")}`;
}

function chunkSection(state) {
    const one = state.table;
    return [
        make("div", { class: "bar" },
            hasRates(state, one) ? choice("What is drawn", [["time", "Time"], ["throughput", "Throughput"]], state.metric, (metric) => {
                state.metric = metric;
                state.redraw(["chunks", "machines"]);
            }) : null,
            button("All", null, () => { state.hidden.clear(); state.redraw(["chunks", "model", "machines"]); }),
            button("The best", null, () => { state.hidden = hiddenAtFirst(state, one); state.redraw(["chunks", "model", "machines"]); })),
        legend([...kernelsOf(one), ...controlNames(state)], state, () => state.redraw(["chunks", "model", "machines"])),
        figure({ text: chunkText(state, one), chart: () => chunkChart(state, one) }),
        make("p", { class: "note" }, "A click on a point opens its cell below. Dashed lines: where the winner of a pair changes; shaded, with a question mark: where it may change, or not."
            + `${state.controls.length > 0 ? " Controls measure the machine, not a way to move a file: they are not drawn at first." : ""}`),
    ];
}
