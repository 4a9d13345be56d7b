/* SPDX-License-Identifier: Apache-2.0 */
#include "src/comparison/across_machines.h"
#include "src/comparison/machine_costs.h"
#include "words.h"

enum { NAMED_MOST = 4 };

static const char *const side_words[2] = {"old", "new"};

/* For programs: the code of each kind, and what its figures are called. */
static const struct {
    const char *code;
    const char *count[2];
    const char *number;
    const char *names;
    int of_side;
} codes[NOTE_KINDS] = {
    [NOTE_NO_ROUND] = {.code = "no_round_with_both_sides"},
    [NOTE_FEW_PROCESSES] = {.code = "few_processes", .count = {"old_processes", "new_processes"}},
    [NOTE_FEW_ROUNDS] = {.code = "few_rounds", .count = {"rounds"}, .number = "alpha"},
    [NOTE_ORDER_UNKNOWN] = {.code = "order_unknown"},
    [NOTE_IN_BLOCKS] = {.code = "one_side_after_the_other"},
    [NOTE_OTHER_MACHINES] = {.code = "other_machines", .count = {"ratios_shown"}},
    [NOTE_NO_CELL] = {.code = "no_cell_in_common", .count = {"cells"}},
    [NOTE_OTHER_SIZES] = {.code = "other_file_sizes"},
    [NOTE_FEW_MACHINES] = {.code = "few_machines", .count = {"machines_with_verdict", "machines"}},
    [NOTE_UNPAIRED_RUNS] = {.code = "unpaired_runs", .count = {"runs"}},
    [NOTE_UNEVEN_SIDES] = {.code = "uneven_sides", .count = {"old_runs", "new_runs"}},
    [NOTE_COPIES] = {.code = "copies", .count = {"copies"}},
    [NOTE_PAIRS_APART] = {.code = "pairs_apart", .count = {"apart", "pairs"}},
    [NOTE_CELLS_DRAWN] = {.code = "unequal_repetitions", .count = {"cells"}},
    [NOTE_CELLS_LEFT_OUT] = {.code = "cells_left_out", .names = "cells"},
    [NOTE_INTERRUPTED_RUNS] = {.code = "interrupted_runs",
                               .count = {"interrupted", "runs"},
                               .of_side = 1},
    [NOTE_MACHINE_LEFT_OUT] = {.code = "machine_left_out", .names = "machines", .of_side = 1},
    [NOTE_SETTINGS_DIFFER] = {.code = "settings_differ"},
    [NOTE_NO_MODEL] = {.code = "no_cost_model", .names = "writers", .of_side = 1},
    [NOTE_DOUBTFUL_RUNS] = {.code = "doubtful_runs", .count = {"doubtful", "runs"}, .of_side = 1},
    [NOTE_MISSING_CONTROLS] = {.code = "missing_controls", .names = "controls"},
    [NOTE_FEW_RUNS] = {.code = "few_runs", .count = {"old_runs", "new_runs"}},
};

static const struct {
    const char *code;
    const char *words;
} faults[CELL_FAULTS] = {
    [FAULT_NEW_FAILED] = {"failed_on_the_new_side", "failed on the new side"},
    [FAULT_OLD_ONLY] = {"old_only", "only on the old side"},
    [FAULT_GONE] = {"gone", "gone from the new side, as --allow-missing says"},
    [FAULT_NEW_ONLY] = {"new_only", "only on the new side"},
    [FAULT_FAILED] = {"failed", "failed on the old side, or on both"},
    [FAULT_SOME] = {"not_in_every_run", "not in every run"},
    [FAULT_AGGREGATES] = {"aggregates_only", "kept as aggregates only, without the repetitions"},
    [FAULT_NO_ROWS] = {"no_repetitions", "without usable repetitions"},
    [FAULT_ZERO] = {"zero_times", "with times that are zero (below the clock's step) or negative"},
    [FAULT_SIZE] = {"other_file_sizes", "the same name for files of other sizes"},
};

static const char *say_differences(struct document *document, const struct note *note)
{
    const struct context_differences *differences = &note->differences;
    const char *text = "";

    for (size_t i = 0; i < differences->count; i++) {
        const struct context_difference *difference = &differences->items[i];
        text = document_say(document, "%s%s%s (%s and %s)", text, i > 0 ? ", " : "",
                            difference->field->name,
                            context_value_say(difference->field, difference->value[0]),
                            context_value_say(difference->field, difference->value[1]));
    }
    return text;
}

static const char *say_names(struct document *document, const struct note *note, size_t most)
{
    const char *text = "";

    for (size_t i = 0; i < note->name_count && i < most; i++)
        text = document_say(document, "%s%s%s", text, i > 0 ? ", " : "", note->names[i]);
    return text;
}

static const char *say_refusal(struct document *document, const struct note *note)
{
    switch (note->kind) {
    case NOTE_NO_ROUND:
        return "no round has both sides";
    case NOTE_FEW_PROCESSES:
        return document_say(
            document,
            "the sides have %zu and %zu processes, and with fewer than %d a side a change cannot "
            "be "
            "told from noise (the repetitions inside a process share its luck); bench_results ab "
            "takes more",
            note->count[0], note->count[1], LEAST_PROCESSES);
    case NOTE_FEW_ROUNDS:
        return document_say(document,
                            "no outcome of %zu rounds is as rare as an alpha of %g asks for",
                            note->count[0], note->number);
    case NOTE_ORDER_UNKNOWN:
        return "the runs carry neither rounds nor dates, so nobody knows whether the sides took "
               "turns; let bench_results ab take them, or pair them with --paired";
    case NOTE_IN_BLOCKS:
        return "the sides were measured one after the other, so a change of the machine in between "
               "would look like a change of the build; let bench_results ab take them in turns";
    case NOTE_OTHER_MACHINES:
        return document_say(document, "the runs are of different machines, which differ in %s%s",
                            say_differences(document, note),
                            note->count[0] ? "; the ratios below mix the machines with the builds"
                                           : "; --cross-machine shows their ratios all the same");
    case NOTE_NO_CELL:
        return note->fault == FAULT_OLD_ONLY || note->fault == FAULT_NEW_ONLY
                   ? "the two sides have no cell in common (file sizes are part of the names)"
                   : document_say(document, "no cell can be compared: %zu %s", note->count[0],
                                  faults[note->fault].words);
    case NOTE_COPIES:
        return document_say(document,
                            "%zu of the runs %s the same samples as another one, to the last "
                            "digit: a copy of a run is no process of its own",
                            note->count[0], note->count[0] == 1 ? "has" : "have");
    case NOTE_UNEVEN_SIDES:
        return document_say(document,
                            "the sides have %zu and %zu runs, so which of them belong together is "
                            "not known: --paired needs as many of each",
                            note->count[0], note->count[1]);
    case NOTE_PAIRS_APART:
        return document_say(document,
                            "%zu of the %zu pairs were not measured one after the other: the dates "
                            "show other runs between their two",
                            note->count[0], note->count[1]);
    case NOTE_OTHER_SIZES:
        return "the two sides have no cell in common that writes files of the same size";
    case NOTE_FEW_MACHINES:
        return document_say(document,
                            "%zu of %zu machines have runs that allow a verdict of their own; it "
                            "takes %d, or %d machines with any runs",
                            note->count[0], note->count[1], LEAST_MACHINES, MACHINES_ALONE);
    default:
        return "";
    }
}

static const char *say_left_out_cells(struct document *document, const struct note *note)
{
    const char *names = say_names(document, note, NAMED_MOST), *why = faults[note->fault].words;
    const char *reason =
        note->finding.reason != NULL
            ? document_say(document, " The first says: %.80s", note->finding.reason)
            : "";

    return note->name_count > NAMED_MOST
               ? document_say(document, "%zu cells are left out, %s: %s, ...%s", note->name_count,
                              why, names, reason)
               : document_say(document, "Left out, %s: %s.%s", why, names, reason);
}

const char *note_say(struct document *document, const struct note *note)
{
    const char *side = side_words[note->side];
    size_t first = note->count[0], second = note->count[1];

    switch (note->kind) {
    case NOTE_UNPAIRED_RUNS:
        return document_say(document,
                            "%zu run%s left out: the other side of the round is not there.", first,
                            first == 1 ? " is" : "s are");
    case NOTE_CELLS_DRAWN:
        return document_say(document,
                            "%zu cells have more repetitions in some processes than in others; as "
                            "few as the fewest are drawn of each, because more of them look "
                            "faster.",
                            first);
    case NOTE_CELLS_LEFT_OUT:
        return say_left_out_cells(document, note);
    case NOTE_INTERRUPTED_RUNS:
        return document_say(document,
                            "%zu of %zu runs of the %s side %s interrupted: what they lack cannot "
                            "be compared.",
                            first, second, side, first == 1 ? "was" : "were");
    case NOTE_MACHINE_LEFT_OUT:
        return document_say(document, "Machine %s has runs on the %s side only, and is left out.",
                            note->names[0], side);
    case NOTE_SETTINGS_DIFFER:
        return document_say(document, "The sides differ in: %s.", say_differences(document, note));
    case NOTE_NO_MODEL:
        return document_say(document, "%s has no cost model on the %s side: %s.", note->names[0],
                            side, model_refusal_say(document, &note->model));
    case NOTE_DOUBTFUL_RUNS:
        return document_say(document,
                            "%zu of %zu runs of the %s side are doubtful, and a part of what "
                            "differs can be due to that. %s",
                            first, second, side, verdict_say(document, &note->finding));
    case NOTE_MISSING_CONTROLS:
        return document_say(document,
                            "The sides do not both have %s of the same sizes, so what these "
                            "controls measure is part of the remainder here. Runs of the same "
                            "sizes with these controls (--benchmark_filter) would separate it.",
                            say_names(document, note, note->name_count));
    case NOTE_FEW_RUNS:
        return document_say(document,
                            "A side has fewer than %d runs. Its intervals are those of the samples "
                            "inside its processes, made %g times as wide, because other processes "
                            "have been seen to differ by so much more. Three runs a side show that "
                            "by themselves.",
                            COSTS_LEAST_FOR_STUDENT, COSTS_PROCESS_WIDENING);
    default:
        return say_refusal(document, note);
    }
}

static void put_figures(struct document *document, const struct note *note)
{
    document_put(document, "code", codes[note->kind].code);
    if (codes[note->kind].of_side)
        document_put(document, "side", side_words[note->side]);
    for (int i = 0; i < 2; i++)
        if (codes[note->kind].count[i] != NULL)
            document_put(document, codes[note->kind].count[i], note->count[i]);
    if (codes[note->kind].number != NULL)
        document_put(document, codes[note->kind].number, note->number);
    if (note->fault != FAULT_NONE)
        document_put(document, "fault", faults[note->fault].code);
    if (note->kind == NOTE_CELLS_LEFT_OUT)
        document_put(document, "reason",
                     PERHAPS(note->finding.reason != NULL, note->finding.reason));
    if (codes[note->kind].names != NULL)
        document_texts(document, codes[note->kind].names, note->names, note->name_count);
    if (note->differences.count > 0) {
        document_open(document, "differences", '[');
        for (size_t i = 0; i < note->differences.count; i++) {
            document_open(document, NULL, '{');
            document_put(document, "key", note->differences.items[i].field->key, "old",
                         note->differences.items[i].value[0], "new",
                         note->differences.items[i].value[1]);
            document_close(document, '}');
        }
        document_close(document, ']');
    }
}

void note_put_refusal(struct document *document, const struct note *refusal)
{
    int is_one = refusal->kind != NOTE_NONE;

    document_put(document, "refusal", is_one ? note_say(document, refusal) : NULL, "refusal_code",
                 codes[refusal->kind].code);
    if (is_one) {
        document_open(document, "refusal_detail", '{');
        put_figures(document, refusal);
        document_close(document, '}');
    }
}

void note_put_paragraph(struct document *document, const char *lead, const struct note *refusal)
{
    if (refusal->kind != NOTE_NONE)
        document_paragraph(document, "", "%s: %s.", lead, note_say(document, refusal));
}

void notes_put_members(struct document *document, const struct notes *notes)
{
    document_open(document, "notes", '[');
    for (size_t i = 0; i < notes->count; i++)
        document_put(document, NULL, note_say(document, &notes->items[i]));
    document_close(document, ']');
    document_open(document, "notes_detail", '[');
    for (size_t i = 0; i < notes->count; i++) {
        document_open(document, NULL, '{');
        put_figures(document, &notes->items[i]);
        document_close(document, '}');
    }
    document_close(document, ']');
}

void notes_put(struct document *document, const struct notes *notes, const char *lead,
               const char *about)
{
    for (size_t i = 0; i < notes->count; i++) {
        const char *text = note_say(document, &notes->items[i]);
        if (lead == NULL)
            document_paragraph(document, "", "%s", text);
        else
            document_note(document, lead, "%s%s", about, text);
    }
}
