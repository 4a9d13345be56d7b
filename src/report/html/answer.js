// SPDX-License-Identifier: Apache-2.0
// Who wins, whether the run can be trusted, and what machine it was.

function answerSection(state) {
    const tables = state.run.show.tables.filter((one) => one.winners.some((winner) => winner.text));
    return [
        tables.length > 0 ? tables.map((one) => [
            tables.length > 1 ? make("h3", {}, visible(one.name)) : null,
            make("ul", { class: "answers" }, one.winners.filter((winner) => winner.text).map((winner) => make("li", {}, winner.text))),
            make("p", {}, crossoverTexts(one).join(" ")),
        ]) : make("p", {}, "The run has no kernels to rank by chunk size: its benchmarks are drawn below."),
        make("div", { class: "pair" }, trustCard(state.run.show.verdict), machineCard(state.run)),
    ];
}

function crossoverTexts(one) {
    return one.pairs.flatMap((pair) => [...pair.crossovers.map((crossover) => crossover.text), pair.text])
        .filter((text) => text);
}

function trustCard(verdict) {
    const doubtful = verdict.doubtful === "yes";
    return make("div", {}, make("h3", {}, "Can it be trusted?"),
        make("div", { class: `trust ${doubtful ? "doubt" : "good"}` },
            make("strong", {}, doubtful ? "This run is doubtful." : verdict.findings.length > 0
                ? "Nothing makes the figures doubtful; worth knowing:" : "Nothing was found that would make its figures doubtful."),
            verdict.findings.length > 0 ? make("ul", {}, verdict.findings.map((finding) => make("li", {}, visible(finding.text)))) : null));
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
