// SPDX-License-Identifier: Apache-2.0
// What was published, and whether it holds here.

const OUTCOMES = {
    holds: ["✓", "holds here", "hold here"],
    fails: ["✗", "does not hold here", "do not hold here"],
    inconclusive: ["?", "cannot be told", "cannot be told"],
    not_measured: ["–", "was not measured", "were not measured"],
};

function sayFigure({ figure: value }) {
    return !isNumber(value?.estimate) ? "" : isNumber(value.low) ? `${digits(value.estimate)} (${digits(value.low)} to ${digits(value.high)})` : digits(value.estimate);
}

function claimItem(state, claim) {
    const [sign, words] = OUTCOMES[claim.outcome], said = sayFigure(claim);
    return make("li", { class: claim.outcome },
        make("p", {}, make("strong", {}, `${sign} ${words}: `), visible(claim.says ?? claim.condition, 300)),
        make("p", { class: "note" }, make("code", {}, visible(claim.condition, 200)), said ? `: ${said}` : "",
            claim.cell ? `, decided by ${state.shortOf(claim.cell)}` : "", claim.source ? `. Said by ${visible(claim.source, 200)}` : ""));
}

function claimSection(state) {
    const { claims } = state.run.claims, of = (outcome) => claims.filter((claim) => claim.outcome === outcome);
    const list = (all) => make("ul", { class: "claims" }, all.map((claim) => claimItem(state, claim)));
    const counts = Object.keys(OUTCOMES).filter((outcome) => of(outcome).length > 0).map((outcome) => `${of(outcome).length} ${OUTCOMES[outcome][of(outcome).length === 1 ? 1 : 2]}`);
    return [
        make("p", { class: "note" }, `What was written about such files, checked against this run: ${sayList(counts)}. `
            + "The figure is that of the cell that decides, with an interval that holds for all cells of a claim at once."),
        list(["holds", "fails", "inconclusive"].flatMap(of)),
        of("not_measured").length > 0 ? make("details", {}, make("summary", {}, "What was not measured"), list(of("not_measured"))) : null,
    ];
}
