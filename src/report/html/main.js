// SPDX-License-Identifier: Apache-2.0
// Unpacks the data, and draws the sections that it has something for.

const SECTIONS = [
    { id: "answer", title: "The answer", draw: answerSection },
    { id: "chunks", title: "By chunk size", has: (state) => state.table, draw: chunkSection },
    { id: "ranks", title: "Ranks", has: (state) => state.table, draw: rankSection },
    { id: "rows", title: "All rows", draw: rowSection },
    { id: "files", title: "Download", has: (state) => state.data.runs.some((run) => run.file >= 0), draw: fileSection },
];

async function unpacked(id) {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

function drawSection(state, section) {
    const old = document.getElementById(section.id);
    if (old)
        forgetCharts(old);
    const has = !section.has || section.has(state);
    const element = make("section", { id: section.id, hidden: !has, tabindex: "-1", "aria-labelledby": `${section.id}-title` },
        make("h2", { id: `${section.id}-title` }, section.title), has ? section.draw(state) : []);
    if (old)
        old.replaceWith(element);
    else
        document.getElementById("main").append(element);
    for (const each of element.querySelectorAll("figure"))
        each.begin?.();
}

// What is drawn anew keeps the focus, which is found by its place.
function redraw(state, ids) {
    for (const section of SECTIONS.filter(({ id }) => ids.includes(id))) {
        const old = document.getElementById(section.id), focusable = "button, input, select, summary, [tabindex='0']";
        const at = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);
        drawSection(state, section);
        if (at >= 0)
            document.getElementById(section.id).querySelectorAll(focusable)[at]?.focus({ preventScroll: true });
    }
}

function drawContents(state) {
    document.getElementById("contents").replaceChildren(...SECTIONS.filter((section) => !section.has || section.has(state))
        .map((section) => make("li", {}, make("a", { href: `#${section.id}` }, section.title))));
}

function drawTools(state) {
    const runs = state.data.runs, tables = state.run.show.tables, dark = document.documentElement.dataset.theme === "dark";
    document.getElementById("tools").replaceChildren(
        ...runs.length > 1 ? [select("Run", runs.map((run, i) => [i, visible(run.path)]), runs.indexOf(state.run), (i) => chooseRun(state, runs[i]))] : [],
        ...tables.length > 1 ? [select("Files", tables.map((one, i) => [i, visible(one.name)]), tables.indexOf(state.table), (i) => {
            chooseTable(state, tables[i]);
            drawAll(state);
        })] : [],
        button(dark ? "Light" : "Dark", null, () => {
            document.documentElement.dataset.theme = dark ? "light" : "dark";
            drawAll(state);
        }, { id: "theme", "aria-label": dark ? "Light colours" : "Dark colours" }),
        button("Print", null, () => print()));
}

function drawHead(state) {
    const date = state.run.context.find((entry) => entry.name === "date")?.value;
    document.getElementById("title").textContent = state.table?.name ? `How fast can this machine move that file? ${visible(state.table.name)}` : "Benchmarks";
    document.getElementById("subtitle").textContent = [state.run.machine, date].filter((text) => text).map(visible).join("; ");
    document.getElementById("made").textContent = `Made by ${state.data.program} report. The figures are those of bench_results show.`;
    document.title = `bench_mmap: ${visible(state.run.machine || state.run.path)}`;
}

function drawAll(state) {
    drawTools(state);
    drawHead(state);
    drawContents(state);
    for (const section of SECTIONS)
        drawSection(state, section);
}

function chooseTable(state, one) {
    const kernels = one ? kernelsOf(one) : [];
    state.table = one;
    state.hidden = one ? hiddenAtFirst(one) : new Set();
    state.indexOf = (name) => Math.max(0, kernels.indexOf(name));
}

function chooseRun(state, run) {
    state.run = run;
    state.cells = new Map(run.cells.map((cell) => [cell.name, cell]));
    chooseTable(state, run.show.tables[0]);
    drawAll(state);
}

function followSystem(state) {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; };
    follow();
    dark.addEventListener("change", () => { follow(); drawAll(state); });
    // Paper is white.
    addEventListener("beforeprint", () => {
        state.theme = document.documentElement.dataset.theme;
        document.documentElement.dataset.theme = "light";
        drawAll(state);
    });
    addEventListener("afterprint", () => {
        document.documentElement.dataset.theme = state.theme;
        drawAll(state);
    });
}

async function begin() {
    const state = { metric: "time", sort: { key: null, down: false }, filter: "", openCell() {} };
    state.data = JSON.parse(new TextDecoder().decode(await unpacked("data-0")));
    state.redraw = (ids) => redraw(state, ids);
    followSystem(state);
    document.getElementById("waiting").remove();
    chooseRun(state, state.data.runs[0]);
    document.documentElement.dataset.state = "drawn";
}

begin().catch((error) => {
    const failure = document.getElementById("failure");
    failure.textContent = `The page could not be drawn: ${error}`;
    failure.hidden = false;
    document.documentElement.dataset.state = "failed";
    throw error;
});
