// SPDX-License-Identifier: Apache-2.0
// Who wins, whether the run can be trusted, and what machine it was.

const isRanked = (one) => one.winners.some((winner) => winner.text);

function answerSection(state) {
    const tables = state.run.show.tables.filter(isRanked), kinds = [...new Set(tables.map((one) => one.kind))];
    return [
        kinds.length > 0 ? kinds.map((kind) => kindBlock(state, tables.filter((one) => one.kind === kind), tables.length > 1))
            : make("p", {}, "The run has no kernels to rank by chunk size: its benchmarks are drawn below."),
        make("div", { class: "pair" }, trustCard(state.run.show.verdict), machineCard(state.run)),
    ];
}

// Of several tables of a kind the one that is looked at, or the first, has its sentences; all stand in a table.
function kindBlock(state, tables, isNamed) {
    const one = tables.includes(state.table) ? state.table : tables[0];
    return [
        isNamed ? make("h3", {}, `${kindOf(one).heading}: ${filesOf(one)}`) : null,
        make("ul", { class: "answers" }, one.winners.filter((winner) => winner.text).map((winner) => make("li", {}, winner.text))),
        make("p", {}, crossoverTexts(one).join(" ")),
        tables.length > 1 ? casesTable(state, tables, one) : null,
    ];
}

function crossoverTexts(one) {
    return one.pairs.flatMap((pair) => [...pair.crossovers.map((crossover) => crossover.text), pair.text, possibleText(pair)])
        .filter((text) => text);
}

// Where a pair crosses and may cross again, `show` has no short sentence.
function possibleText(pair) {
    const where = (pair.possible_crossovers ?? []).map((one) => `between ${sayBytes(one.between_bytes)} and ${sayBytes(one.and_bytes)}`);
    return pair.text || where.length === 0 ? "" : `Whether ${visible(pair.first)} and ${visible(pair.second)} cross again ${sayList(where)} cannot be told.`;
}

function sayWinner(winner) {
    if (!winner?.fastest)
        return "";
    const tied = winner.tied.length === 0 ? "" : winner.tied.length === 1 ? ` or ${visible(winner.tied[0])}` : ` or ${winner.tied.length} others`;
    return winner.answer === "ranked" ? visible(winner.fastest) + tied : `${visible(winner.fastest)}?`;
}

// What a table's name leaves out where it is as usual.
const USUALLY = [[/^\d+ threads$/, "1 thread"], [/^order /, "order sequential"], [/^mode /, "mode stream"], [/^latency /, "latency none"], [/^depth /, "depth 32"]];

// A row a table, named by what not all have.
function casesTable(state, tables, chosen) {
    const parts = tables.map((one) => filesOf(one).split(", ")), bands = ["small", "middle", "large"];
    const find = (some, pattern) => some.find((part) => pattern.test(part)), varies = (part) => part !== undefined && !parts.every((other) => other.includes(part));
    const nameOf = (i) => [...parts[i].filter((part) => varies(part) && !USUALLY.some(([pattern]) => pattern.test(part))),
        ...USUALLY.filter(([pattern]) => parts.some((some) => varies(find(some, pattern)))).map(([pattern, usual]) => find(parts[i], pattern) ?? usual)].join(", ");
    const rows = tables.map((one, i) => [button(nameOf(i), one === state.table, () => state.chooseTable(one)),
        ...bands.map((band) => sayWinner(one.winners.find((winner) => winner.chunks === band)))]);
    const box = table("The fastest in every case; a click shows all of it", [{ text: "case", isText: true }, ...["up to 4 KiB", "of 64 KiB", "from 1 MiB on"].map((text) => ({ text: `chunks ${text}`, isText: true }))], rows);
    box.firstChild.className = "cases";
    box.querySelectorAll("tbody tr")[tables.indexOf(chosen)].className = "chosen";
    return box;
}

function trustCard(verdict) {
    const doubtful = verdict.doubtful === "yes";
    return make("div", {}, make("h3", {}, "Can it be trusted?"),
        make("div", { class: `trust ${doubtful ? "doubt" : "good"}` },
            make("strong", {}, doubtful ? "This run is doubtful." : verdict.findings.length > 0
                ? "Nothing makes the figures doubtful; worth knowing:" : "Nothing was found that would make its figures doubtful."),
            verdict.findings.length > 0 ? make("ul", {}, verdict.findings.map((finding) => make("li", {}, finding.text))) : null));
}

function machineCard(run) {
    const rows = (entries) => make("dl", { class: "card" }, entries.map((entry) =>
        [make("dt", {}, visible(entry.name)), make("dd", {}, visible(entry.value))]));
    const key = run.context.filter((entry) => entry.in_machine_key), rest = run.context.filter((entry) => !entry.in_machine_key);
    return make("div", {}, make("h3", {}, "The machine"),
        run.context.length === 0 ? make("p", {}, "The run says nothing about its machine.") : null,
        rows(key.length > 0 ? key : rest.slice(0, 8)),
        rest.length > 0 ? make("details", {}, make("summary", {}, "All that the run says of itself"), rows(rest)) : null);
}
