// SPDX-License-Identifier: Apache-2.0
// Several runs side by side: the same chart of each, on the same axes.

const MULTIPLES_MOST = 24;

// The table of another run that is about the same files, or its first.
function sameTable(run, name) {
    return run.show.tables.find((one) => one.name === name) ?? run.show.tables[0];
}

function machineSection(state) {
    const runs = state.data.runs.filter((run) => run.show.tables.length > 0).slice(0, MULTIPLES_MOST);
    const views = runs.map((run) => [run, sameTable(run, state.table.name)]).map(([run, one]) =>
        ({ ...state, run, table: one, controls: controlsOf({ run }, one), cells: new Map(run.cells.map((cell) => [cell.name, cell])) }));
    const points = views.flatMap((view) => kernelsOf(view.table).filter((name) => !state.hidden.has(name)).flatMap((name) => curveOf(view, view.table, name)));
    const ys = points.map((point) => point.y), sizes = [...new Set(views.flatMap((view) => sizesOf(view.table)))].sort((a, b) => a - b);
    const isTime = state.metric === "time", say = isTime ? sayTime : sayRate;
    const range = ys.length > 0 ? { min: Math.min(...ys) / 1.2, max: Math.max(...ys) * 1.2 } : {};
    return [
        make("p", { class: "note" }, `${isTime ? capital(measureOf(state.table)) : "Throughput"} against chunk size, on the same axes; the kernels are those of the chart above.`),
        make("div", { class: "multiples" }, views.map((view) => {
            const name = nameOfRun(state.data, view.run), fastest = view.table.winners.map((winner) => winner.text).filter((text) => text);
            const config = () => {
                const chart = chunkChart(view, view.table);
                chart.options.scales.x = chunkAxis(sizes);
                Object.assign(chart.options.scales.y, range, { title: { display: false } });
                chart.options.scales.x.title.display = false;
                chart.options.onClick = () => state.chooseRun(view.run);
                chart.data.datasets.forEach((set) => { if (!set.isBand) set.pointRadius = 3; });
                return chart;
            };
            return make("div", {}, make("h3", {}, button(name, null, () => state.chooseRun(view.run))),
                figure({ className: "low", text: fastest.join(" ") || `${plural(kernelsOf(view.table).length, "kernel")}, ${sayInterval(say, Math.min(...ys), Math.max(...ys))}`, chart: config }));
        })),
    ];
}
