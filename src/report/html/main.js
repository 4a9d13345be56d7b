// SPDX-License-Identifier: Apache-2.0
// Unpacks the data, and draws the sections that it has something for.

const SECTIONS = [
    { id: "answer", title: "The answer", has: (state) => state.run, draw: answerSection },
    { id: "compare", title: "Old and new", has: (state) => comparisonsOf(state.data).length > 0, draw: compareSection },
    { id: "chunks", title: "By chunk size", has: (state) => state.table, draw: chunkSection },
    { id: "machines", title: "Side by side", has: (state) => state.table && state.data.runs.filter((run) => run.show.tables.length > 0).length > 1, draw: machineSection },
    { id: "benchmarks", title: "Benchmarks", has: (state) => state.run?.show.others.some((cell) => cell.median > 0), draw: benchmarkSection },
    { id: "ranks", title: "Ranks", has: (state) => state.table, draw: rankSection },
    { id: "phases", title: "Where the time goes", has: (state) => state.table && hasPhases(state.table), draw: phaseSection },
    { id: "model", title: "What it costs", has: (state) => state.table && modelsOf(state.table).length > 0, draw: modelSection },
    { id: "cell", title: "One cell", has: (state) => state.run?.cells.length > 0, draw: cellSection },
    { id: "history", title: "History", has: (state) => state.data.history?.document.cells.length > 0, draw: historySection },
    { id: "claims", title: "What was claimed", has: (state) => state.table && state.run.claims.claims.some((claim) => claim.outcome !== "not_measured"), draw: claimSection },
    { id: "rows", title: "All rows", has: (state) => state.run, draw: rowSection },
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
    return element;
}

// What is drawn anew keeps the focus, which is found by its place.
function redraw(state, ids) {
    for (const section of SECTIONS.filter(({ id }) => ids.includes(id))) {
        if (section.has && !section.has(state))
            continue;
        const old = document.getElementById(section.id), focusable = "button, input, select, summary, [tabindex='0']";
        const at = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);
        beginCharts(drawSection(state, section));
        if (at >= 0)
            document.getElementById(section.id).querySelectorAll(focusable)[at]?.focus({ preventScroll: true });
    }
}

function drawContents(state) {
    document.getElementById("contents").replaceChildren(...SECTIONS.filter((section) => !section.has || section.has(state))
        .map((section) => make("li", {}, make("a", { href: `#${section.id}` }, section.title))));
}

function nameOfRun(data, run) {
    const side = data.comparison ? `${["old", "new"][run.word]}: ` : "";
    return side + visible(data.comparison || !run.machine ? run.path : run.machine);
}

function drawTools(state) {
    const runs = state.data.runs, tables = state.run?.show.tables ?? [], dark = document.documentElement.dataset.theme === "dark";
    document.getElementById("tools").replaceChildren(
        ...runs.length > 1 ? [select("Run", runs.map((run, i) => [i, nameOfRun(state.data, run)]), runs.indexOf(state.run), (i) => chooseRun(state, runs[i]))] : [],
        ...tables.length > 1 ? [select("Case", tables.map((one, i) => [i, `${kindOf(one).heading}: ${filesOf(one)}`]), tables.indexOf(state.table), (i) => state.chooseTable(tables[i]))] : [],
        button(dark ? "Light" : "Dark", null, () => {
            document.documentElement.dataset.theme = dark ? "light" : "dark";
            drawAll(state);
        }, { id: "theme", "aria-label": dark ? "Light colours" : "Dark colours" }),
        button("Print", null, () => print()));
}

function drawHead(state) {
    const { run, data } = state, date = run?.context.find((entry) => entry.name === "date")?.value;
    const title = state.table?.name ? `${kindOf(state.table).asks} ${capital(filesOf(state.table))}` : run ? "Benchmarks" : `Machine ${visible(data.history.document.machine)}`;
    document.getElementById("title").textContent = title;
    document.getElementById("subtitle").textContent = [run?.machine || run?.path, date].filter((text) => text).map((text) => visible(text, 300)).join("; ");
    document.getElementById("made").textContent = `Made by ${data.program}: the figures are those of its commands show, compare, claims and history.`;
    document.title = `bench_mmap: ${visible(run?.machine || run?.path || title)}`;
}

function drawAll(state) {
    drawTools(state);
    drawHead(state);
    drawContents(state);
    for (const section of SECTIONS)
        drawSection(state, section);
    if (document.documentElement.dataset.state)
        beginCharts(document);
    else
        beginChartsInSight();
}

function chooseTable(state, one) {
    state.table = one;
    state.controls = one ? controlsOf(state, one) : [];
    state.metric = one && hasRates(state, one) ? state.metric : "time";
    const kernels = one ? [...kernelsOf(one), ...controlNames(state)] : [];
    state.hidden = one ? hiddenAtFirst(state, one) : new Set();
    state.cellName = one?.cells.find((cell) => cell.samples > 0)?.name;
    state.indexOf = (name) => Math.max(0, kernels.indexOf(name));
}

// Names without the parts that all have, but for the controls.
function shortNames(cells) {
    const names = cells.filter((cell) => !cell.control_of).map((cell) => cell.name);
    const parts = names.length > 1 ? names[0].split("/").slice(1).filter((part) => names.every((name) => name.split("/").includes(part))) : [];
    return (name) => visible(name.split("/").filter((part, i) => i === 0 || !parts.includes(part)).join("/"));
}

function chooseRun(state, run) {
    state.run = run;
    state.cells = new Map((run?.cells ?? []).map((cell) => [cell.name, cell]));
    state.shortOf = shortNames(run?.cells ?? []);
    chooseTable(state, run?.show.tables[0]);
    drawAll(state);
}

function openCell(state, name) {
    state.cellName = name;
    state.redraw(["cell"]);
    const section = document.getElementById("cell");
    section.scrollIntoView({ block: "start" });
    section.focus({ preventScroll: true });
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
        document.documentElement.dataset.paper = "";
        drawAll(state);
    });
    addEventListener("afterprint", () => {
        document.documentElement.dataset.theme = state.theme;
        delete document.documentElement.dataset.paper;
        drawAll(state);
    });
}

async function begin() {
    const state = { metric: "time", sort: { key: null, down: false }, filter: "" };
    state.data = JSON.parse(new TextDecoder().decode(await unpacked("data-0")));
    state.redraw = (ids) => redraw(state, ids);
    state.chooseRun = (run) => chooseRun(state, run);
    state.chooseTable = (one) => { chooseTable(state, one); drawAll(state); };
    state.openCell = (name) => openCell(state, name);
    followSystem(state);
    document.getElementById("waiting").remove();
    // Of two sides the new one: the answer is what holds now.
    chooseRun(state, state.data.runs.find((run) => state.data.comparison && run.word === 1) ?? state.data.runs[0]);
    document.documentElement.dataset.state = "drawn";
}

begin().catch((error) => {
    const failure = document.getElementById("failure");
    failure.textContent = `The page could not be drawn: ${error}`;
    failure.hidden = false;
    document.documentElement.dataset.state = "failed";
    throw error;
});
