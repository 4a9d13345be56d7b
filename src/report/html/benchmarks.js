// SPDX-License-Identifier: Apache-2.0
// Benchmarks without a chunk size, as of other programs: a bar each.

const BARS_MOST = 60;

function benchmarkSection(state) {
    const cells = state.run.show.others.filter((cell) => cell.median > 0), shown = cells.slice(0, BARS_MOST);
    const most = shown.reduce((a, b) => b.median > a.median ? b : a), least = shown.reduce((a, b) => b.median < a.median ? b : a);
    const isWide = most.median / least.median > 50, axis = isWide ? timeAxis : (title, more) => linearAxis(title, sayTime, { beginAtZero: true, ...more });
    const floor = isWide ? least.median / 3 : 0;
    const box = figure({
        text: `Time per iteration of ${plural(shown.length, "benchmark")}: medians, with their 95 % intervals as dark lines; from ${visible(least.name)}, ${sayTime(least.median)}, to ${visible(most.name)}, ${sayTime(most.median)}.`,
        chart: () => ({
            type: "bar",
            data: {
                labels: shown.map((cell) => visible(cell.name, 48)),
                datasets: [
                    { data: shown.map((cell) => [floor, cell.median]), backgroundColor: styleOf(0).colour, grouped: false, barPercentage: 0.8 },
                    { data: shown.map((cell) => isNumber(cell.median_low) ? [cell.median_low, cell.median_high] : null), backgroundColor: colourOf("text"), grouped: false, barPercentage: 0.22 },
                ],
            },
            options: {
                indexAxis: "y",
                scales: { x: axis("time per iteration", { min: isWide ? floor : undefined }), y: { grid: { display: false }, ticks: { color: colourOf("text"), autoSkip: false } } },
                plugins: { tooltip: { filter: (item) => item.datasetIndex === 0, callbacks: { label: (item) => {
                    const cell = shown[item.dataIndex];
                    return `${sayTime(cell.median)} (${sayInterval(sayTime, cell.median_low, cell.median_high)}); ${plural(cell.samples, "sample")}`;
                } } } },
                onClick: (_, elements) => { if (elements.length > 0) state.openCell(shown[elements[0].index].name); },
            },
        }),
    });
    box.querySelector(".canvas").style.height = `${7 + 1.7 * shown.length}rem`;
    return [
        box,
        cells.length > shown.length ? make("p", { class: "note" }, `The first ${shown.length} of ${plural(cells.length, "benchmark")}; the table below has all.`) : null,
    ];
}
