// SPDX-License-Identifier: Apache-2.0
// What all charts share: colours, marks, axes, and the text beside each.

const COLOURS = {
    light: ["#0b5cad", "#b4440e", "#15753a", "#9a1fb0", "#0a6f80", "#b01e3f", "#5b32c6", "#7a5200", "#475569", "#a81f70", "#44650f", "#1e3a8a"],
    dark: ["#6cb2ff", "#ff9f5e", "#5fd886", "#e38cf0", "#4fd1dd", "#ff8b9c", "#b79bff", "#e3b341", "#a8b3c4", "#ff9bce", "#b5d05a", "#93a5ff"],
};
const MARKS = ["circle", "rect", "triangle", "rectRot", "star", "crossRot"];
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

const drawn = [];

// Of the style sheet; asking it means to lay out what is new in the page.
let asked = new Map(), askedOf = "";

function colourOf(name) {
    const { theme, paper } = document.documentElement.dataset, now = `${theme} ${paper}`;
    if (now !== askedOf)
        asked = new Map(), askedOf = now;
    if (!asked.has(name))
        asked.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
    return asked.get(name);
}

// Colour, mark and dash together tell apart 12 × 6 × 4 / gcd names.
function styleOf(index) {
    const colours = COLOURS[document.documentElement.dataset.theme === "dark" ? "dark" : "light"];
    return {
        colour: colours[index % colours.length],
        mark: MARKS[index % MARKS.length],
        dash: DASHES[(index + Math.floor(index / colours.length)) % DASHES.length],
    };
}

function forgetCharts(element) {
    for (let i = drawn.length - 1; i >= 0; i--)
        if (element.contains(drawn[i].canvas))
            drawn.splice(i, 1)[0].destroy();
}

// An axis of a logarithm whose marks stand where `marks` says.
function logAxis(title, say, more) {
    return {
        type: "logarithmic",
        title: { display: title !== "", text: title, color: colourOf("soft") },
        grid: { color: colourOf("grid"), borderColor: colourOf("line") },
        ticks: { color: colourOf("soft"), callback: (value) => say(value), maxRotation: 0, autoSkipPadding: 12 },
        ...more,
    };
}

// 1, 2 and 5 times the powers of ten.
function roundMarks(axis) {
    const marks = [];
    for (let power = Math.floor(Math.log10(axis.min)) - 1; power <= Math.ceil(Math.log10(axis.max)); power++)
        for (const first of [1, 2, 5]) {
            const value = first * 10 ** power;
            if (value >= axis.min * 0.999 && value <= axis.max * 1.001)
                marks.push({ value });
        }
    axis.ticks = marks.length > 9 ? marks.filter(({ value }) => /^1/.test(value.toExponential())) : marks;
}

const timeAxis = (title, more) => logAxis(title, sayTime, { afterBuildTicks: roundMarks, ...more });

// Those whose names do not run into that of the next.
function spacedOut(sizes) {
    const gap = (sizes.at(-1) / sizes[0]) ** (1 / 30);
    let next = Infinity;
    return sizes.slice().reverse().filter((value) => {
        const fits = next / value >= gap;
        next = fits ? value : next;
        return fits;
    }).reverse();
}

function chunkAxis(sizes, more) {
    const most = Math.max(...sizes), least = Math.min(...sizes);
    return logAxis("chunk size", sayBytes, {
        min: least === most ? least / 2 : least / 1.15, max: least === most ? least * 2 : most * 1.15,
        afterBuildTicks: (axis) => { axis.ticks = spacedOut(sizes).map((value) => ({ value })); },
        ...more,
    });
}

function linearAxis(title, say, more) {
    return logAxis(title, say, { type: "linear", ...more });
}

// Vertical lines with a name each, or bands up to `to`: config.options.plugins.lines = [{x, to, text}].
const linesPlugin = {
    id: "lines",
    afterDatasetsDraw(chart, _, options) {
        const { ctx, chartArea: area, scales } = chart;
        let row = 0;
        for (const line of options.lines ?? []) {
            const from = scales.x.getPixelForValue(line.x), to = line.to ? scales.x.getPixelForValue(line.to) : from, x = (from + to) / 2;
            if (!(x >= area.left - 1 && x <= area.right + 1))
                continue;
            ctx.save();
            ctx.strokeStyle = ctx.fillStyle = line.colour ?? colourOf("text");
            ctx.setLineDash(line.to ? [1.5, 5] : [5, 4]);
            ctx.lineWidth = 1.5;
            ctx.globalAlpha = 0.07;
            ctx.fillRect(from, area.top, to - from, area.bottom - area.top);
            ctx.globalAlpha = 1;
            ctx.beginPath();
            for (const edge of new Set([from, to])) {
                ctx.moveTo(edge, area.top);
                ctx.lineTo(edge, area.bottom);
            }
            ctx.stroke();
            ctx.font = "600 12px system-ui, sans-serif";
            const width = ctx.measureText(line.text ?? "").width, left = x + width + 8 > area.right && x - width - 8 > area.left;
            const y = area.top + 14 + 17 * (row++ % 6);
            if (line.text) {
                ctx.fillStyle = colourOf("card");
                ctx.globalAlpha = 0.85;
                ctx.fillRect(left ? x - width - 9 : x + 3, y - 12, width + 6, 16);
                ctx.globalAlpha = 1;
                ctx.fillStyle = line.colour ?? colourOf("text");
                ctx.textAlign = left ? "right" : "left";
                ctx.fillText(line.text, left ? x - 6 : x + 6, y);
            }
            ctx.restore();
        }
    },
};

// A figure with a chart. `text` says in words what it shows; `below` are nodes, such as the same as a table.
function figure({ text, className, chart, below }) {
    const canvas = make("canvas", { role: "img", "aria-label": text });
    const element = make("figure", {}, make("div", { class: `canvas ${className ?? ""}` }, canvas),
        make("figcaption", {}, text), below ?? []);
    element.begin = () => {
        const config = chart();
        config.options = {
            animation: false, responsive: true, maintainAspectRatio: false, ...config.options,
            plugins: {
                legend: { display: false },
                ...config.options.plugins,
                tooltip: {
                    backgroundColor: colourOf("tip"), titleColor: colourOf("tip-text"), bodyColor: colourOf("tip-text"),
                    padding: 10, usePointStyle: true, ...config.options.plugins?.tooltip,
                },
            },
        };
        config.plugins = [linesPlugin];
        drawn.push(new Chart(canvas, config));
        delete element.begin;
    };
    return element;
}

function beginCharts(root) {
    for (const element of root.querySelectorAll("figure"))
        element.begin?.();
}

// When the page is opened, a chart below the window waits until the reader comes near it.
function beginChartsInSight() {
    const watch = new IntersectionObserver((entries) => {
        for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
            watch.unobserve(target);
            target.begin?.();
        }
    }, { rootMargin: "50%" });
    const all = [...document.querySelectorAll("figure")];
    const [near, far] = [true, false].map((is) => all.filter((element) => (element.getBoundingClientRect().top < innerHeight) === is));
    near.forEach((element) => element.begin?.());
    far.forEach((element) => watch.observe(element));
}

// A line with its marks, and a band around it where there are intervals.
// points: {x, y, low, high, cell}
function lineWithBand(label, index, points) {
    const { colour, mark, dash } = styleOf(index);
    const edge = (name) => ({
        data: points.map((point) => ({ x: point.x, y: isNumber(point[name]) ? point[name] : point.y })),
        pointRadius: 0, pointHitRadius: 0, borderWidth: 0, borderColor: "transparent", isBand: true,
    });
    return [
        { ...edge("low"), fill: false },
        { ...edge("high"), fill: "-1", backgroundColor: `${colour}2e` },
        {
            label, data: points, borderColor: colour, backgroundColor: colour, borderDash: dash, borderWidth: 2,
            pointStyle: mark, pointRadius: 4.5, pointHoverRadius: 7, pointBorderWidth: 1.5, spanGaps: true,
        },
    ];
}

// The line, as it stands in a chart, for a legend.
function swatch(index) {
    const { colour, mark, dash } = styleOf(index);
    const canvas = make("canvas", { width: 60, height: 28, "aria-hidden": "true" });
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 2;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(0, 7);
    context.lineTo(30, 7);
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1.5;
    Chart.helpers?.drawPoint?.(context, { pointStyle: mark, radius: 4.5, borderWidth: 1.5 }, 15, 7);
    return canvas;
}

// Switches the names of a list on and off.
function legend(names, { indexOf, hidden, controls }, onchange) {
    const isControl = (name) => controls.some((cell) => cell.writer === name);
    const items = names.map((name) => make("li", {}, button([swatch(indexOf(name)), `${visible(name)}${isControl(name) ? " (control)" : ""}`], !hidden.has(name), () => {
        if (!hidden.delete(name))
            hidden.add(name);
        onchange(name);
    })));
    return make("ul", { class: "legend", "aria-label": "What is drawn" }, items);
}
