/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "figure.h"

/* What a program gets of each kind, and its sentence, or the end of one that begins with a count;
 * where there is more to say, verdict_say() has the sentence. */
static const struct {
    const char *code;
    const char *figure[2];
    const char *name;
    const char *sentence;
    const char *counted;
} kinds[VERDICT_KINDS] = {
    [VERDICT_INTERRUPTED] = {.code = "interrupted", .figure = {"samples", "of_samples"}},
    [VERDICT_AGGREGATES_ONLY] =
        {"aggregates_only",
         .sentence = "The file keeps aggregates only: nothing can be said about its noise (leave "
                     "--benchmark_report_aggregates_only out)."},
    [VERDICT_NOTHING_MEASURED] = {"nothing_measured", .sentence = "Nothing was measured."},
    [VERDICT_FAILED] = {.code = "failed", .figure = {"cells", "partly"}, .name = "first"},
    [VERDICT_SKIPPED] = {"skipped", {"rows"}, .counted = " rows were skipped by the program."},
    [VERDICT_UNUSABLE_TIMES] = {"unusable_times",
                                {"rows"},
                                .counted = " rows have a time that is no time (NaN, infinite or "
                                           "negative) and were left out."},
    [VERDICT_POOLED] = {"pooled",
                        {"cells"},
                        .counted = " cells begin their repetitions more than once: rows of the "
                                   "same name were pooled."},
    [VERDICT_ZERO_TIMES] = {"zero_times",
                            {"times"},
                            .counted = " times read zero: they are below the step of the clock."},
    [VERDICT_FEW_SAMPLES] = {.code = "few_samples", .figure = {"cells", "of_cells"}},
    [VERDICT_SPREAD] = {.code = "spread", .figure = {"share"}},
    [VERDICT_STOLEN] = {.code = "stolen", .figure = {"share"}},
    [VERDICT_SWITCHES] = {.code = "switches", .figure = {"per_second"}},
    [VERDICT_DRIFT] = {.code = "drift", .figure = {"share"}},
    [VERDICT_WRITEBACK] = {"writeback",
                           {"share"},
                           .sentence = "Earlier data was still on its way to the disk while "
                                       "samples ran: writeback disturbed them."},
    [VERDICT_HUGE_PAGES] = {.code = "huge_pages", .figure = {"share"}},
    [VERDICT_LOAD] = {.code = "load", .figure = {"load", "cores"}},
    [VERDICT_IN_MEMORY] = {"in_memory", .name = "file_system"},
    [VERDICT_UNFIT_BUILD] = {"unfit_build", .name = "build"},
    [VERDICT_KEY_INCOMPLETE] = {"machine_key_incomplete", .name = "lacks"},
};

const char *verdict_say(struct document *document, const struct verdict_finding *finding)
{
    double first = finding->figure[0], second = finding->figure[1];
    const struct figure share = figure_percent(fabs(first));

    switch (finding->kind) {
    case VERDICT_INTERRUPTED:
        return second > 0 ? document_say(document, "It was interrupted after %.0f of %.0f samples.",
                                         first, second)
                          : "It was interrupted: samples are missing.";
    case VERDICT_FAILED:
        return document_say(
            document, "%s%.0f cell%s failed%s; the first is %.80s: %.80s",
            second == first ? "Some samples of " : "", first, first == 1 ? "" : "s",
            second > 0 && second < first
                ? document_say(document, ", %.0f of them in some samples only", second)
                : "",
            finding->name, finding->reason != NULL ? finding->reason : "no reason given");
    case VERDICT_FEW_SAMPLES:
        return document_say(
            document,
            "%.0f of %.0f cells have fewer than %d samples, too few for an interval of their own.",
            first, second, VERDICT_SAMPLES_WANTED);
    case VERDICT_SPREAD:
        return document_say(document,
                            "The samples of a cell are spread by %s (middle half, median over the "
                            "cells): %s",
                            share.text,
                            finding->doubt
                                ? "a very noisy machine; take more repetitions, or run it again "
                                  "when it is quiet."
                                : "a noisy machine.");
    case VERDICT_STOLEN:
        return document_say(document, "The hypervisor took %s of the time.", share.text);
    case VERDICT_SWITCHES:
        return document_say(
            document, "The process lost the CPU %.0f times a second: other programs ran beside it.",
            first);
    case VERDICT_DRIFT:
        return document_say(document,
                            "The machine became %s by %s from the first third of the repetitions "
                            "to the last.",
                            first > 0 ? "slower" : "faster", share.text);
    case VERDICT_HUGE_PAGES:
        return document_say(document,
                            "Linux had huge pages for %s of the bytes of the kernels that ask for "
                            "them: the rest went by small ones.",
                            share.text);
    case VERDICT_LOAD:
        return document_say(document,
                            "The load was %.1f on %.0f cores when the run began: it did not have "
                            "the machine to itself.",
                            first, second);
    case VERDICT_IN_MEMORY:
        return document_say(document, "The files were on %s: this is memory, not a disk.",
                            finding->name);
    case VERDICT_UNFIT_BUILD:
        return document_say(
            document, "The program was built %s: its figures are not worth keeping.",
            strcmp(finding->name, "sanitizers") == 0 ? "with sanitizers" : "without optimisation");
    case VERDICT_KEY_INCOMPLETE:
        return document_say(document,
                            "The machine key is incomplete, so that other machines may have the "
                            "same: unknown are %s.",
                            finding->name);
    default:
        return kinds[finding->kind].sentence != NULL
                   ? kinds[finding->kind].sentence
                   : document_say(document, "%.0f%s", first, kinds[finding->kind].counted);
    }
}

static void put_finding(struct document *document, const struct verdict_finding *finding)
{
    document_open(document, NULL, '{');
    document_put(document, "kind", finding->doubt ? "doubt" : "note", "text",
                 verdict_say(document, finding), "code", kinds[finding->kind].code);
    for (size_t i = 0; i < 2; i++)
        if (kinds[finding->kind].figure[i] != NULL)
            document_put(document, kinds[finding->kind].figure[i], finding->figure[i]);
    if (kinds[finding->kind].name != NULL)
        document_put(document, kinds[finding->kind].name, finding->name);
    document_close(document, '}');
}

/* An interruption, and what failed, before all others. */
static void word_briefly(struct document *document, const struct verdict *verdict)
{
    const struct verdict_finding *first = verdict->findings;

    for (size_t i = 0; i < verdict->count && first->kind != VERDICT_INTERRUPTED; i++)
        if (verdict->findings[i].kind == VERDICT_FAILED)
            first = &verdict->findings[i];
    document_paragraph(
        document, "", "%s %s%s", verdict->doubts > 0 ? "This run is doubtful." : "Worth knowing:",
        verdict_say(document, first),
        verdict->count == 1 ? "" : document_say(document, " (%zu more)", verdict->count - 1));
}

static void word_fully(struct document *document, const struct verdict *verdict)
{
    document_heading(document, "%s",
                     verdict->doubts > 0 ? "This run is doubtful" : "This run: worth knowing");
    for (size_t i = 0; i < verdict->count; i++)
        document_note(document, verdict->findings[i].doubt ? "! " : "- ", "%s",
                      verdict_say(document, &verdict->findings[i]));
}

void report_verdict(struct document *document, const struct run *run, int briefly)
{
    struct verdict verdict;

    if (document->error == 0)
        document->error = verdict_make(run, &verdict);
    if (document->error != 0)
        return;
    if (verdict.count == 0)
        document_paragraph(document, "",
                           "This run: nothing found that would make its figures doubtful.");
    else if (briefly)
        word_briefly(document, &verdict);
    else
        word_fully(document, &verdict);
    document_open(document, "verdict", '{');
    document_put(document, "doubtful", verdict.doubts > 0 ? "yes" : "no", "spread", verdict.spread,
                 "stolen", verdict.stolen, "drift", verdict.drift);
    document_open(document, "findings", '[');
    for (size_t i = 0; i < verdict.count; i++)
        put_finding(document, &verdict.findings[i]);
    document_close(document, ']');
    document_close(document, '}');
}
