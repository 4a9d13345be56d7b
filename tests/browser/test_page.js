// SPDX-License-Identifier: Apache-2.0
// node test_page.js BENCH_RESULTS [REGEX]: what a real browser makes of the pages of bench_results report.
"use strict";

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const { mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync, statSync, existsSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { Browser, findBrowser } = require("./browser.js");
const { runs, sweep, textOf, CHUNKS } = require("./runs.js");

const SKIPPED = 77;
const program = process.argv[2];
const place = mkdtempSync(path.join(tmpdir(), "bench_mmap-page-"));
const tests = [];
let browser;

const test = (name, run) => tests.push({ name, run });
const at = (name) => path.join(place, name);

// Writes the runs, makes a page of them and opens it.
async function pageOf(name, files, { how, status = 0, words = [], waits = false } = {}) {
    for (const [file, run] of Object.entries(files))
        writeFileSync(at(file), textOf(run));
    const made = spawnSync(program, ["report", ...Object.keys(files), ...words, "-o", `${name}.html`], { cwd: place, encoding: "utf8" });
    assert.equal(made.status, status, made.stderr);
    const page = await browser.open(at(`${name}.html`), how);
    if (!waits)
        await page.evaluate(() => beginCharts(document));
    return page;
}

async function arrives(name) {
    for (let i = 0; i < 500 && !existsSync(at(name)); i++)
        await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.ok(existsSync(at(name)), `${name} was not downloaded`);
}

// The page of a plain run, which several tests use one after the other.
let opened;
async function plainPage() {
    opened ??= await pageOf("plain", { "plain.json": runs.plain() });
    return opened;
}

function charts() {
    return [...document.querySelectorAll("canvas[role=img]")].map((canvas) => {
        const small = new OffscreenCanvas(200, 100).getContext("2d", { willReadFrequently: true });
        small.drawImage(canvas, 0, 0, 200, 100);
        const { data } = small.getImageData(0, 0, 200, 100);
        let drawn = 0;
        for (let i = 3; i < data.length; i += 4)
            drawn += data[i] > 0;
        return { drawn, text: canvas.getAttribute("aria-label"), section: canvas.closest("section").id };
    });
}

async function assertSound(page, least) {
    assert.equal(page.state, "drawn");
    assert.deepEqual(page.complaints, []);
    assert.deepEqual(page.requests, []);
    const seen = await page.evaluate(charts);
    assert.ok(seen.length >= least, `${seen.length} charts instead of ${least}`);
    for (const chart of seen) {
        assert.ok(chart.drawn > 200, `a chart of ${chart.section} is blank`);
        assert.ok(chart.text.length > 20, `a chart of ${chart.section} has no text`);
    }
}

test("a plain run is drawn, and its figures are those of show", async () => {
    const page = await plainPage();
    await assertSound(page, 6);
    const show = JSON.parse(execFileSync(program, ["show", "plain.json", "--format=json"], { cwd: place }));
    const rows = await page.evaluate(() => [...document.querySelectorAll("#rows-table tbody tr")].length);
    assert.equal(rows, show.tables[0].cells.length);
    const drawn = await page.evaluate(() => Chart.getChart(document.querySelector("#chunks canvas[role=img]")).data.datasets
        .filter((set) => !set.isBand).flatMap((set) => set.data.map((point) => [set.label, point.x, point.y, point.low, point.high])));
    const figures = show.tables[0].cells.map((cell) => [cell.writer, cell.chunk_bytes, cell.median, cell.median_low, cell.median_high]);
    const order = (a, b) => a[0].localeCompare(b[0]) || a[1] - b[1];
    assert.deepEqual(drawn.sort(order), figures.sort(order));
    const answers = await page.evaluate(() => [...document.querySelectorAll(".answers li")].map((item) => item.textContent));
    assert.deepEqual(answers, show.tables[0].winners.map((winner) => winner.text));
    assert.match(await page.evaluate(() => document.querySelector("#answer dl").textContent), /kind of disknot rotating/);
});

test("charts below the window are drawn when the reader comes near", async () => {
    const page = await pageOf("unscrolled", { "plain.json": runs.plain() }, { waits: true });
    const waiting = () => page.evaluate(() => [...document.querySelectorAll("canvas[role=img]")].filter((canvas) => !Chart.getChart(canvas)).length);
    assert.ok(await waiting() > 0);
    await page.evaluate(() => new Promise((resolve) => {
        const all = [...document.querySelectorAll("figure")];
        const next = () => all.length === 0 ? resolve() : (all.shift().scrollIntoView(), requestAnimationFrame(() => setTimeout(next, 50)));
        next();
    }));
    assert.equal(await waiting(), 0);
    await page.close();
});

test("counts are said as toLocaleString() says them", async () => {
    const page = await plainPage();
    const said = await page.evaluate(() => [0, 1, 7.5, 12.345, 0.00049, 999.96, 1000, 1234.5, 10240, 123456, 4194304, 987654321, 1e12, -5120]
        .map((count) => [sayCount(count), Number(count.toPrecision(4)).toLocaleString("en")]));
    assert.equal(said.length, 14);
    for (const [ours, theirs] of said)
        assert.equal(ours, theirs);
});

test("kernels are switched off and on by mouse and by keyboard", async () => {
    const page = await plainPage();
    const count = () => page.evaluate(() => Chart.getChart(document.querySelector("#chunks canvas[role=img]")).data.datasets.length);
    assert.equal(await count(), 9);
    await page.click("#chunks .legend button");
    assert.equal(await count(), 6);
    assert.equal(await page.evaluate(() => document.querySelector("#chunks .legend button").getAttribute("aria-pressed")), "false");
    await page.evaluate(() => document.querySelector("#chunks .legend button").focus());
    await page.press(" ", 32);
    assert.equal(await count(), 9);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Mmap");
    await assertSound(page, 1);
});

test("rows are sorted, filtered and taken away", async () => {
    const page = await plainPage();
    await page.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: at("downloads") });
    const column = (n) => page.evaluate((i) => [...document.querySelectorAll("#rows-table tbody tr")].map((row) => row.children[i].textContent), n);
    await page.evaluate(() => [...document.querySelectorAll("#rows-table thead button")].find((one) => one.textContent.startsWith("chunk")).focus());
    await page.press("Enter", 13);
    await page.press("Enter", 13);
    assert.equal((await column(2))[0], "1 MiB");
    assert.equal(await page.evaluate(() => document.activeElement.closest("th").getAttribute("aria-sort")), "descending");
    await page.evaluate(() => document.querySelector("#rows input").focus());
    await page.send("Input.insertText", { text: "writev" });
    assert.deepEqual([...new Set(await column(0))], ["Writev"]);
    await page.click("#csv");
    await arrives("downloads/rows.csv");
    await page.click("#files button");
    await arrives("downloads/plain.json");
    const csv = readFileSync(at("downloads/rows.csv"), "utf8").trim().split("\r\n");
    assert.equal(csv.length, 7);
    assert.match(csv[1], /^Writev\/file:new\/sync:none\/size:10485760\/chunk:1048576/);
    assert.deepEqual(readFileSync(at("downloads/plain.json")), readFileSync(at("plain.json")));
    await assertSound(page, 1);
});

test("the slider shows what show --predict says", async () => {
    const page = await plainPage();
    const shown = () => page.evaluate(() => [...document.querySelectorAll("#model figure")].map((box) => Chart.getChart(box.querySelector("canvas")))
        .flatMap((chart) => chart.data.datasets.filter((set) => set.type === "bar").map((set) => set.data)));
    const before = await shown();
    await page.evaluate(() => document.querySelector("#model input").focus());
    await page.press("ArrowRight", 39);
    const after = await shown();
    assert.notDeepEqual(after, before);
    const bytes = await page.evaluate(() => Math.round(Chart.getChart(document.querySelector("#model canvas")).options.plugins.lines.lines[0].x));
    const show = JSON.parse(execFileSync(program, ["show", "plain.json", "--format=json", `--predict=${bytes}`], { cwd: place }));
    const wanted = show.tables[0].models.filter((model) => !model.code).map((model) => model.predictions[0]);
    after[0].forEach((_, i) => assert.ok(Math.abs(after.reduce((sum, set) => sum + set[i], 0) / wanted[i].time_ns.estimate - 1) < 1e-9));
    await assertSound(page, 6);
});

test("kinds have titles of their own, controls are named, and a round trip is timed as one", async () => {
    const page = await pageOf("mixed", { "mixed.json": runs.mixed() });
    await assertSound(page, 4);
    const { tables } = JSON.parse(execFileSync(program, ["show", "mixed.json", "--format=json"], { cwd: place }));
    const trips = tables.findIndex((one) => one.mode === "roundtrip"), timed = tables.findIndex((one) => one.latency === "each"), reads = tables.findIndex((one) => one.kind === "reader");
    const possible = tables[reads].pairs.flatMap((pair) => pair.possible_crossovers);
    assert.ok(possible.length > 0);
    const choose = (i) => page.evaluate((value) => {
        const box = document.querySelector("#tools select");
        box.value = value;
        box.dispatchEvent(new Event("change"));
        const chart = Chart.getChart(document.querySelector("#chunks canvas[role=img]")), samples = Chart.getChart(document.querySelector("#cell canvas"));
        return {
            title: document.getElementById("title").textContent, headings: [...document.querySelectorAll("#answer h3")].map((one) => one.textContent),
            drawn: chart.data.datasets.filter((set) => !set.isBand).flatMap((set) => set.data.map((point) => point.y)), axis: chart.options.scales.y.title.text,
            bands: chart.options.plugins.lines.lines.filter((line) => line.to).map((line) => ({ between_bytes: line.x, and_bytes: line.to })),
            legend: [...document.querySelectorAll("#chunks .legend button")].map((one) => `${one.textContent} ${one.getAttribute("aria-pressed")}`),
            names: [...document.querySelectorAll("#answer .cases button")].map((one) => one.textContent), choices: document.querySelectorAll("#chunks .bar .bar button").length, figures: [...document.querySelectorAll("#cell figure")].map((one) => one.textContent),
            cases: document.querySelectorAll("#answer tbody tr").length, median: samples.data.datasets[1].data[0].y, hidden: document.getElementById("phases").hidden,
        };
    }, i);
    const write = await choose(0), read = await choose(reads), trip = await choose(trips), latency = await choose(timed);
    assert.match(write.title, /write that file\? 10 MiB/);
    assert.match(read.title, /read that file\?/);
    assert.match(trip.title, /another process\?/);
    assert.deepEqual(write.headings.slice(0, 3).map((text) => text.split(":")[0]), ["Writing", "Reading", "From process to process"]);
    assert.deepEqual([write.legend.at(-1), read.legend.at(-1), trip.legend.length], ["Memcpy (control) false", "ReadMemory (control) false", 2]);
    assert.deepEqual(read.bands, possible);
    assert.equal(write.cases, 4);
    // What all have, or none says, is no name of a case.
    assert.deepEqual(write.names, ["order sequential", "order random", "mode stream", "mode roundtrip"]);
    const medians = tables[trips].cells.map((cell) => cell.median);
    assert.deepEqual([trip.axis, trip.drawn.sort(), trip.hidden, latency.hidden], ["time per round trip", [...medians].sort(), true, true]);
    assert.ok(Math.abs(trip.median / medians[0] - 1) < 1e-6);
    // Neither has a throughput to draw instead.
    assert.deepEqual([write.choices, trip.choices, latency.choices], [2, 0, 0]);
    assert.deepEqual([latency.axis, latency.drawn.sort()], ["median latency of a chunk", tables[timed].cells.map((cell) => cell.median).sort()]);
    assert.ok(latency.figures.some((text) => /How long a chunk takes: p50 .*p90 .*p99 .*slowest .*percentiles of 10,240 chunks/.test(text)), latency.figures.join("\n"));
    await page.click("#answer .cases button");
    assert.match(await page.evaluate(() => document.getElementById("title").textContent), /write that file/);
    await assertSound(page, 4);
    await page.close();
});

test("a click on a point opens its cell", async () => {
    const page = await plainPage();
    const { x, y, name } = await page.evaluate(() => {
        const canvas = document.querySelector("#chunks canvas[role=img]"), chart = Chart.getChart(canvas);
        canvas.scrollIntoView({ block: "center", behavior: "instant" });
        const index = chart.data.datasets.findIndex((set) => set.label === "Writev"), point = chart.getDatasetMeta(index).data[3], box = canvas.getBoundingClientRect();
        return { x: box.x + point.x, y: box.y + point.y, name: chart.data.datasets[index].data[3].cell.name };
    });
    await page.clickAt(x, y);
    // Chart.js hears of events with the next frame only, which may be late.
    await page.evaluate(async () => {
        for (let tries = 0; tries < 250 && document.activeElement.id !== "cell"; tries++)
            await new Promise((resolve) => { setTimeout(resolve, 20); });
    });
    assert.deepEqual(await page.evaluate(() => [document.querySelector("#cell select").value, document.activeElement.id]), [name, "cell"]);
    await assertSound(page, 6);
});

test("its policy lets no other script run, and nothing be fetched", async () => {
    const page = await plainPage();
    const tries = await page.evaluate(async () => {
        const script = document.createElement("script");
        script.textContent = "window.wasRun = true";
        document.body.append(script);
        const box = document.createElement("div");
        box.innerHTML = "<img src=x onerror='window.wasRun = true'>";
        document.body.append(box);
        const fetched = await fetch("data:,x").then(() => "fetched", (error) => error.name);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
        return { fetched, wasRun: window.wasRun ?? false };
    });
    assert.deepEqual(tries, { fetched: "TypeError", wasRun: false });
    const { result } = await page.send("Runtime.evaluate", {
        allowUnsafeEvalBlockedByCSP: false, returnByValue: true, expression: "(() => { try { return eval('1'); } catch (error) { return error.name; } })()" });
    assert.equal(result.value, "EvalError");
    assert.ok(page.complaints.length >= 3, page.complaints.join("\n"));
    assert.deepEqual(page.requests, []);
    await page.close();
});

test("kernels without a model are named, and so are chunk sizes where there is room", async () => {
    const run = sweep({ kernels: ["Mmap", "Write", "Writev"], chunks: [1024, 4096, 16384, 65536, 262144, 1048576, 8388608, 10485760] });
    for (const one of run.benchmarks.filter(({ name }) => name.startsWith("Writev/")))
        one.real_time = one.cpu_time = Math.round(5e5 * (1 + Math.abs(Math.log2(/chunk:(\d+)/.exec(one.name)[1]) - 16)));
    const page = await pageOf("bent", { "bent.json": run });
    const text = await page.evaluate(() => document.getElementById("model").textContent);
    assert.match(text, /Left out, because no model fits: Writev\./);
    assert.match(text, /is predicted to be the fastest of these, /);
    const marks = await page.evaluate(() => Chart.getChart(document.querySelector("#chunks canvas[role=img]")).scales.x.ticks.map(({ value }) => value));
    assert.deepEqual(marks.slice(-2), [1048576, 10485760]); // the names of 8 MiB and 10 MiB would lie on each other
    await assertSound(page, 6);
});

test("two sides, a store and several machines: the figures are those of compare and history", async () => {
    const made = (slow, context, seed) => sweep({ kernels: ["Mmap", "Write"], chunks: CHUNKS.slice(0, 3), samples: 3, slow, seed, context });
    const sides = {};
    for (const [side, slow] of [["old", 1], ["new", 1.1]]) {
        mkdirSync(at(side));
        for (let i = 0; i < 6; i++)
            sides[`${side}/${i}.json`] = made(slow, { date: `2026-11-${slow === 1 ? 1 : 2}${i}T10:00:00+00:00`, kernel: slow === 1 ? "6.1 </script>" : "6.18" }, i + slow * 100);
    }
    for (const [file, run] of Object.entries(sides))
        writeFileSync(at(file), textOf(run));
    execFileSync(program, ["add", "--db", "h.db", ...Object.keys(sides)], { cwd: place });
    writeFileSync(at("other.json"), textOf(made(2, { machine_key: "fedcba9876543210", file_system: "xfs" }, 9)));
    const page = await pageOf("sides", {}, { words: ["old", "new", "--db", "h.db"] });
    await assertSound(page, 8);
    assert.match(await page.evaluate(() => document.getElementById("subtitle").textContent), /6\.18/);
    const compared = JSON.parse(spawnSync(program, ["compare", "old", "new", "--format=json"], { cwd: place, encoding: "utf8" }).stdout);
    const forest = await page.evaluate(() => Chart.getChart(document.querySelector("#compare canvas")).data.datasets[0].data.map((point) => point.x));
    assert.deepEqual(forest, compared.rows.map((row) => row.ratio.estimate));
    const history = JSON.parse(execFileSync(program, ["history", "--db", "h.db", "--format=json"], { cwd: place }));
    const drawn = await page.evaluate(() => {
        const chart = Chart.getChart(document.querySelector("#history canvas"));
        return { name: document.querySelector("#history select").value, times: chart.data.datasets[0].data.map((point) => point.y), lines: chart.options.plugins.lines.lines.length };
    });
    const cell = history.cells.find((one) => one.cell === drawn.name);
    assert.deepEqual([drawn.times, drawn.lines], [cell.time_ns, cell.steps.length]);
    await page.evaluate(() => document.querySelector("#history input").focus());
    await page.press("End", 35);
    assert.equal(await page.evaluate(() => Chart.getChart(document.querySelector("#history canvas")).scales.x.min), 5.5);
    await page.close();
    const several = await pageOf("machines", {}, { words: ["old", "other.json"] });
    await assertSound(several, 6);
    assert.equal(await several.evaluate(() => document.querySelectorAll("#machines canvas").length), 2);
    const subtitle = () => several.evaluate(() => document.getElementById("subtitle").textContent);
    assert.match(await subtitle(), /xfs/);
    await several.click("#machines div div:nth-child(1) button");
    assert.match(await subtitle(), /ext4/);
});

test("nothing from a run is run, or turns the direction of a text", async () => {
    for (const [name, least, status] of [["hostile", 1, 0], ["errors", 0, 1], ["nan", 1, 0], ["one", 1, 0], ["others", 3, 0], ["long", 1, 0]]) {
        const page = await pageOf(name, { [`${name}.json`]: runs[name]() }, { status });
        await assertSound(page, least);
        assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("main script, main img, main b, main svg")].map((one) => one.outerHTML)), [], name);
        assert.doesNotMatch(await page.evaluate(() => document.body.innerText), /[\u202a-\u202e\u2066-\u2069]/, name);
        await page.close();
    }
});

test("400 cells of 20 samples are drawn soon", async () => {
    const page = await pageOf("many", { "many.json": runs.many() });
    await assertSound(page, 1);
    const bytes = statSync(at("many.html")).size;
    console.log(`  400 cells: ${Math.round(bytes / 1024)} KiB, drawn in ${page.drawn_ms} ms`);
    assert.ok(bytes < 6e6);
});

test("it fits a telephone, in light and in dark", async () => {
    for (const scheme of ["light", "dark"]) {
        const page = await pageOf("phone", { "mixed.json": runs.mixed() }, { how: { width: 375, height: 700, scheme } });
        await assertSound(page, 1);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), scheme);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 375);
        await page.close();
    }
});

// Where builds.sh has it from npm.
if (process.env.AXE)
    test("axe-core finds no violation, in light and in dark", async () => {
        for (const [name, scheme] of [["plain", "light"], ["plain", "dark"], ["others", "light"], ["mixed", "dark"]]) {
            const page = await pageOf(name, { [`${name}.json`]: runs[name]() }, { how: { scheme } });
            await page.send("Runtime.evaluate", { expression: readFileSync(process.env.AXE, "utf8") });
            const found = await page.evaluate(async () => (await axe.run(document)).violations.map((one) =>
                `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 150)} ${node.failureSummary}`).join(" | ")}`));
            assert.deepEqual(found, [], scheme);
            await page.close();
        }
    });

async function main() {
    const found = findBrowser();
    if (!found) {
        console.log("skipped: browser: no chromium here");
        return SKIPPED;
    }
    writeFileSync(at("probe.json"), textOf(runs.one()));
    if (/libjs-chart/.test(spawnSync(program, ["report", "probe.json"], { cwd: place, encoding: "utf8" }).stderr)) {
        console.log("skipped: browser: this build has no Chart.js (libjs-chart.js)");
        return SKIPPED;
    }
    browser = new Browser(found);
    let failed = 0;
    for (const { name, run } of tests.filter((one) => new RegExp(process.argv[3] ?? "").test(one.name))) {
        const began = Date.now();
        try {
            await run();
            console.log(`ok: ${name} (${Date.now() - began} ms)`);
        } catch (error) {
            failed++;
            console.log(`failed: ${name}: ${error.stack}`);
        }
    }
    await browser.close();
    return failed > 0 ? 1 : 0;
}

main().catch((error) => { console.log(error); return 1; }).then((status) => {
    rmSync(place, { recursive: true, force: true });
    process.exit(status);
});
