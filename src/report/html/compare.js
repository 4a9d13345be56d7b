// SPDX-License-Identifier: Apache-2.0
// Two sides: ratios with their intervals, the margin and p, as a forest plot.

const FOREST_MOST = 60;
const CHANGE_MARKS = { slower: ["bad", "triangle"], faster: ["good", "rectRot"], equivalent: ["accent", "circle"], diverged: ["warm", "star"] };

const pOf = (row) => row.found_by === "relative" ? row.p_relative : row.p_ratio;
const sayP = (p) => isNumber(p) ? p < 0.001 ? "p < 0.001" : `p = ${digits(p)}` : "p unknown";

function forestFigure(name, comparison) {
    const rows = comparison.rows.filter((row) => isNumber(row.ratio?.estimate)).slice(0, FOREST_MOST), margin = comparison.margin;
    const low = (row) => isNumber(row.ratio.low) ? row.ratio.low : row.ratio.estimate, high = (row) => isNumber(row.ratio.high) ? row.ratio.high : row.ratio.estimate;
    const usable = (ratios) => ratios.filter((ratio) => ratio > 1e-6 && ratio < 1e6);
    const range = { min: Math.min(1 / (1 + 2 * margin), ...usable(rows.map(low))), max: Math.max(1 + 2 * margin, ...usable(rows.map(high))) };
    const room = (range.max / range.min) ** 0.04;
    const counts = Object.keys(CHANGE_MARKS).map((change) => [change, comparison.rows.filter((row) => row.change === change).length]).filter(([, count]) => count > 0);
    const styles = rows.map((row) => CHANGE_MARKS[row.change] ?? ["soft", "circle"]);
    const box = figure({
        text: `${name}New over old, ${sayShare(comparison.confidence)} intervals; the dashed lines are the margin of ${sayShare(margin)}. `
            + `${counts.length > 0 ? `${sayList(counts.map(([change, count]) => `${count} ${change}`))} of ${plural(comparison.rows.length, "row")}` : `No finding in ${plural(comparison.rows.length, "row")}`}.`,
        chart: () => ({
            data: {
                labels: rows.map((row) => visible(row.name, 60)),
                datasets: [
                    { type: "line", data: rows.map((row) => ({ x: row.ratio.estimate, y: visible(row.name, 60) })), showLine: false, pointRadius: 6, pointStyle: styles.map(([, mark]) => mark), pointBorderWidth: 2, pointBackgroundColor: styles.map(([colour]) => colourOf(colour)), pointBorderColor: styles.map(([colour]) => colourOf(colour)) },
                    { type: "bar", data: rows.map((row) => [low(row), high(row)]), backgroundColor: styles.map(([colour]) => `${colourOf(colour)}90`), barThickness: 5, grouped: false },
                ],
            },
            options: {
                indexAxis: "y",
                scales: {
                    x: logAxis("new over old", (ratio) => ratio === 1 ? "1" : sayChange(ratio), { min: range.min / room, max: range.max * room, afterBuildTicks: ratioMarks }),
                    y: { grid: { color: colourOf("grid") }, ticks: { color: colourOf("text"), autoSkip: false } },
                },
                plugins: {
                    lines: { lines: [{ x: 1 }, { x: 1 + margin, text: "slower" }, { x: 1 / (1 + margin) }].map((line) => ({ ...line, colour: colourOf("soft") })) },
                    tooltip: { filter: (item) => item.datasetIndex === 0, callbacks: { label: (item) => forestText(rows[item.dataIndex]) } },
                },
            },
        }),
    });
    box.querySelector(".canvas").style.height = `${6 + 1.7 * rows.length}rem`;
    return box;
}

// At most so many that their texts have room.
function ratioMarks(axis) {
    const steps = [1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 30, 100], span = Math.log(axis.max / axis.min);
    const marks = [1];
    for (const step of steps)
        for (const value of [step, 1 / step])
            if (value > axis.min && value < axis.max && marks.every((other) => Math.abs(Math.log(other / value)) > span / 12))
                marks.push(value);
    axis.ticks = marks.sort((a, b) => a - b).map((value) => ({ value }));
}

function forestText(row) {
    return `${sayChange(row.ratio.estimate)} (${sayInterval(sayChange, row.ratio.low, row.ratio.high)}), ${sayP(pOf(row))}: ${row.change}`;
}

function comparisonBlock(name, comparison) {
    const rows = comparison.rows.filter((row) => isNumber(row.ratio?.estimate));
    const verdict = comparison.refusal ? `There is no verdict: ${comparison.refusal}.` : comparison.slower > 0 ? `${plural(comparison.slower, "row")} became slower.`
        : comparison.faster > 0 ? `Nothing became slower; ${plural(comparison.faster, "row")} became faster.` : "Nothing became slower.";
    return [
        make("div", { class: `trust ${comparison.refusal || comparison.slower > 0 ? "doubt" : "good"}` }, make("strong", {}, `${name}${verdict}`),
            ` Processes: ${comparison.old_processes} old, ${comparison.new_processes} new.`,
            comparison.notes?.length > 0 ? make("ul", {}, comparison.notes.map((note) => make("li", {}, note))) : null),
        rows.length > 0 ? forestFigure(name, comparison) : null,
        rows.length > 0 ? make("details", {}, make("summary", {}, "All rows of the comparison"), table("New over old",
            [{ text: "row", isText: true }, { text: "old" }, { text: "new" }, { text: "change" }, { text: "interval" }, { text: "p" }, { text: "verdict", isText: true }],
            rows.map((row) => [visible(row.name), sayTime(row.old_ns), sayTime(row.new_ns), sayChange(row.ratio.estimate), sayInterval(sayChange, row.ratio.low, row.ratio.high), sayP(pOf(row)).replace(/^p (= )?/, ""), row.change ?? ""]))) : null,
    ];
}

// What there is to show: of one machine, or of each of several.
function comparisonsOf(data) {
    const { comparison } = data;
    const all = !comparison ? [] : comparison.comparisons ? comparison.comparisons.map((one) => [`${one.machine}: `, one]) : [["", comparison]];
    return all.filter(([, one]) => Array.isArray(one.rows) && one.rows.some((row) => isNumber(row.ratio?.estimate)));
}

function compareSection(state) {
    return comparisonsOf(state.data).map(([name, comparison]) => comparisonBlock(visible(name), comparison));
}
