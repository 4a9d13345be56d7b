// SPDX-License-Identifier: Apache-2.0
// What a call, a fault and a byte cost: predictions under a slider, beside what was measured.

const TERMS = { fixed: "fixed", chunk: "per chunk", call: "per call", fault: "per page fault", folio: "per folio", byte: "per byte" };
const TERM_COLOURS = { fixed: 8, chunk: 4, call: 0, fault: 1, folio: 3, byte: 2 };

// Trips have none.
const modelsOf = (one) => (one.models ?? []).filter((model) => !model.code && model.predictions.some((prediction) => isNumber(prediction.time_ns.estimate)));

// What the model is fitted to: the means of the faster halves of the samples.
function pacesOf(one, kernel) {
    return one.cells.filter((cell) => cell.writer === kernel && cell.fast_half_mean > 0).map((cell) =>
        ({ x: cell.chunk_bytes, y: cell.fast_half_mean, low: null, high: null, cell }));
}

function measuredAt(one, kernel, bytes) {
    return pacesOf(one, kernel).find((point) => point.x === bytes)?.y;
}

function partsText(prediction) {
    return Object.entries(prediction.terms_ns).filter(([, ns]) => ns > 0).sort((a, b) => b[1] - a[1]).map(([term, ns]) => `${TERMS[term]} ${sayTime(ns)}`).join(", ");
}

function predictionTable(one, models, at) {
    return table(`Predicted for chunks of ${sayBytes(models[0].predictions[at].chunk_bytes)}`,
        [{ text: "kernel", isText: true }, { text: "predicted" }, { text: "interval" }, { text: "measured" }, { text: "made of", isText: true }],
        models.map((model) => {
            const prediction = model.predictions[at], { estimate, low, high } = prediction.time_ns;
            return [visible(model.writer), sayTime(estimate), sayInterval(sayTime, low, high), sayTime(measuredAt(one, model.writer, prediction.chunk_bytes)), partsText(prediction)];
        }));
}

function curveFigure(state, models, at) {
    const one = state.table, bytes = models[0].predictions[at].chunk_bytes;
    const chart = () => ({
        type: "line",
        data: {
            datasets: models.filter((model) => !state.hidden.has(model.writer)).flatMap((model) => {
                const index = state.indexOf(model.writer), { colour, mark, dash } = styleOf(index);
                const points = model.predictions.filter((prediction) => prediction.time_ns.estimate > 0).map((prediction) =>
                    ({ x: prediction.chunk_bytes, y: prediction.time_ns.estimate, low: prediction.time_ns.low || prediction.time_ns.estimate, high: prediction.time_ns.high }));
                const bands = lineWithBand(model.writer, index, points);
                Object.assign(bands[2], { pointRadius: 0, pointHoverRadius: 0, pointHitRadius: 0, isBand: true });
                return [...bands, { label: model.writer, data: pacesOf(one, model.writer), showLine: false, borderColor: colour, backgroundColor: colour, borderDash: dash, pointStyle: mark, pointRadius: 5 }];
            }),
        },
        options: {
            scales: { x: chunkAxis(sizesOf(one)), y: timeAxis("time per file") },
            plugins: { tooltip: chunkTip({ metric: "time" }), lines: { lines: [{ x: bytes, text: sayBytes(bytes) }] } },
        },
    });
    return figure({ className: "low", text: `Lines: what the model says, with its interval; marks: what was measured, the mean of the faster half of the samples, which the model is fitted to. The dashed line is the chunk size of the slider, ${sayBytes(bytes)}.`, chart });
}

function termFigure(state, models, at) {
    const bytes = models[0].predictions[at].chunk_bytes, shown = models.filter((model) => !state.hidden.has(model.writer));
    const terms = Object.keys(TERMS).filter((term) => models.some((model) => model.predictions.some((prediction) => prediction.terms_ns[term] > 0)));
    const measured = shown.map((model) => measuredAt(state.table, model.writer, bytes));
    const box = figure({
        className: "low",
        text: `Predicted for chunks of ${sayBytes(bytes)}, by what it is made of; a star is what was measured there.`,
        chart: () => ({
            data: {
                labels: shown.map((model) => visible(model.writer)),
                datasets: [
                    { type: "line", label: "measured", data: measured.map((ns, i) => ({ x: ns ?? NaN, y: visible(shown[i].writer) })), showLine: false, pointStyle: "star", pointRadius: 8, borderColor: colourOf("text"), backgroundColor: colourOf("text"), pointBorderWidth: 2 },
                    ...terms.map((term) => ({
                        type: "bar", label: TERMS[term], data: shown.map((model) => model.predictions[at].terms_ns[term]),
                        backgroundColor: styleOf(TERM_COLOURS[term]).colour, borderColor: colourOf("card"), borderWidth: 1, stack: "all",
                    })),
                ],
            },
            options: {
                indexAxis: "y",
                scales: { x: linearAxis("time per file", sayTime, { stacked: true, beginAtZero: true }), y: { stacked: true, grid: { display: false }, ticks: { color: colourOf("text"), autoSkip: false } } },
                plugins: {
                    legend: { display: true, position: "bottom", labels: { color: colourOf("text"), usePointStyle: true } },
                    tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${sayTime(item.parsed.x)}` } },
                },
            },
        }),
    });
    box.querySelector(".canvas").style.height = `${Math.max(15, 7 + 2.1 * shown.length)}rem`;
    return box;
}

function modelTable(one) {
    const columns = Object.keys(TERMS).filter((term) => one.models.some((model) => isNumber(model[`per_${term}_ns`]?.estimate ?? model[`${term}_ns`]?.estimate)));
    const cost = (model, term) => model[`per_${term}_ns`] ?? model[`${term}_ns`];
    return make("details", {}, make("summary", {}, "The costs as a table"), table("What it costs", [{ text: "kernel", isText: true }, ...columns.map((term) => ({ text: TERMS[term] })), { text: "misfit" }, { text: "remark", isText: true }],
        one.models.map((model) => [visible(model.writer), ...columns.map((term) => {
            const value = cost(model, term);
            return isNumber(value?.estimate) ? `${sayTime(value.estimate)} (${sayInterval(sayTime, value.low, value.high)})` : "";
        }), isNumber(model.residual) ? `${digits(100 * model.residual)} %` : "", model.text ? `no model: ${visible(model.text)}` : ""])));
}

function modelSection(state) {
    const models = modelsOf(state.table), lacking = kernelsOf(state.table).filter((name) => !models.some((model) => model.writer === name)), { predictions } = models[0], figures = make("div", { class: "pair" }), numbers = make("div");
    const says = make("strong", { "aria-live": "polite" });
    const middle = predictions.findIndex((prediction) => prediction.chunk_bytes >= 4096);
    const slider = make("input", { type: "range", min: 0, max: predictions.length - 1, step: 1, value: Math.min(predictions.length - 1, state.modelAt ?? Math.max(0, middle)), "aria-label": "Chunk size" });
    const draw = () => {
        state.modelAt = Number(slider.value);
        const bytes = predictions[state.modelAt].chunk_bytes, shown = models.filter((model) => !state.hidden.has(model.writer));
        const timeOf = (model) => model.predictions[state.modelAt].time_ns.estimate;
        const best = shown.filter((model) => isNumber(timeOf(model))).sort((a, b) => timeOf(a) - timeOf(b))[0];
        slider.setAttribute("aria-valuetext", sayBytes(bytes));
        says.textContent = `Chunks of ${sayBytes(bytes)}${best ? `: ${visible(best.writer)} is predicted to be the fastest${lacking.length > 0 ? " of these" : ""}, ${sayTime(timeOf(best))}` : ""}.`;
        forgetCharts(figures);
        figures.replaceChildren(curveFigure(state, models, state.modelAt), termFigure(state, models, state.modelAt));
        numbers.replaceChildren(predictionTable(state.table, shown, state.modelAt));
        if (figures.isConnected)
            figures.querySelectorAll("figure").forEach((each) => each.begin());
    };
    slider.addEventListener("input", draw);
    draw();
    return [
        make("p", { class: "note" }, "Time per file = fixed + cost × count, fitted to what was measured. Move the slider: small chunks pay for calls, large ones for page faults and bytes."
            + `${lacking.length > 0 ? ` Left out, because no model fits: ${sayList(lacking.map((name) => visible(name)))}.` : ""}`),
        says, slider, figures, numbers, modelTable(state.table),
    ];
}
