/* SPDX-License-Identifier: Apache-2.0 */
#include "note_words.h"

#include "model_words.h"
#include "src/comparison/across_machines.h"
#include "src/comparison/machine_costs.h"
#include "verdict_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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
    [NOTE_NO_CELL] = {.code = "no_cell_in_common"},
    [NOTE_OTHER_SIZES] = {.code = "other_file_sizes"},
    [NOTE_FEW_MACHINES] = {.code = "few_machines", .count = {"machines_with_verdict", "machines"}},
    [NOTE_UNPAIRED_RUNS] = {.code = "unpaired_runs", .count = {"runs"}},
    [NOTE_UNEVEN_SIDES] = {.code = "uneven_sides", .count = {"old_runs", "new_runs"}},
    [NOTE_CELLS_LEFT_OUT] = {.code = "cells_left_out", .names = "cells"},
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
    [FAULT_OLD_ONLY] = {"old_only", "only on the old side"},
    [FAULT_NEW_ONLY] = {"new_only", "only on the new side"},
    [FAULT_FAILED] = {"failed", "failed"},
    [FAULT_SOME] = {"not_in_every_run", "not in every run"},
    [FAULT_NO_ROWS] = {"no_repetitions",
                       "without usable repetitions (aggregates only, or negative times)"},
    [FAULT_ZERO] = {"zero_times", "times of zero, below the clock's step"},
    [FAULT_SIZE] = {"other_file_sizes", "the same name for files of other sizes"},
};

static void put_differences(FILE *out, const struct context_differences *differences)
{
    for (size_t i = 0; i < differences->count; i++)
        fprintf(out, "%s%s (%s and %s)", i > 0 ? ", " : "", differences->items[i].field->name,
                differences->items[i].value[0], differences->items[i].value[1]);
}

static void put_names(FILE *out, const struct note *note, size_t most)
{
    for (size_t i = 0; i < note->name_count && i < most; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : "", note->names[i]);
}

static void put_refusal(FILE *out, const struct note *note)
{
    switch (note->kind) {
    case NOTE_NO_ROUND:
        fputs("no round has both sides", out);
        break;
    case NOTE_FEW_PROCESSES:
        fprintf(out,
                "there are %zu and %zu processes, and with fewer than %d a side a change cannot be "
                "told from noise (the repetitions inside a process share its luck); bench_results "
                "ab takes more",
                note->count[0], note->count[1], LEAST_PROCESSES);
        break;
    case NOTE_FEW_ROUNDS:
        fprintf(out, "no outcome of %zu rounds is as rare as an alpha of %g asks for",
                note->count[0], note->number);
        break;
    case NOTE_ORDER_UNKNOWN:
        fputs(
            "the runs carry neither rounds nor dates, so nobody knows whether the sides took "
            "turns; let bench_results ab take them, or pair them with --paired",
            out);
        break;
    case NOTE_IN_BLOCKS:
        fputs(
            "the sides were measured one after the other, so a change of the machine in between "
            "would look like a change of the build; let bench_results ab take them in turns",
            out);
        break;
    case NOTE_OTHER_MACHINES:
        fputs("the runs are of different machines, which differ in ", out);
        put_differences(out, &note->differences);
        fputs(note->count[0] ? "; the ratios below mix the machines with the builds"
                             : "; --cross-machine shows their ratios all the same",
              out);
        break;
    case NOTE_NO_CELL:
        fputs("the two sides have no cell in common (file sizes are part of the names)", out);
        break;
    case NOTE_OTHER_SIZES:
        fputs("the two sides have no cell in common that writes files of the same size", out);
        break;
    case NOTE_FEW_MACHINES:
        fprintf(out,
                "%zu of %zu machines have runs that allow a verdict of their own; it takes %d, or "
                "%d machines with any runs",
                note->count[0], note->count[1], LEAST_MACHINES, MACHINES_ALONE);
        break;
    default:
        break;
    }
}

static void put_left_out(FILE *out, const struct note *note)
{
    size_t fewer = note->count[0] < note->count[1] ? note->count[0] : note->count[1];

    switch (note->kind) {
    case NOTE_UNPAIRED_RUNS:
        fprintf(out, "%zu run%s left out: the other side of the round is not there.",
                note->count[0], note->count[0] == 1 ? " is" : "s are");
        break;
    case NOTE_UNEVEN_SIDES:
        fprintf(out, "The sides have %zu and %zu runs; the first %zu are paired.", note->count[0],
                note->count[1], fewer);
        break;
    case NOTE_CELLS_LEFT_OUT:
        if (note->name_count > NAMED_MOST)
            fprintf(out, "%zu cells are left out, %s: ", note->name_count,
                    faults[note->fault].words);
        else
            fprintf(out, "Left out, %s: ", faults[note->fault].words);
        put_names(out, note, NAMED_MOST);
        fputs(note->name_count > NAMED_MOST ? ", ..." : ".", out);
        break;
    case NOTE_MACHINE_LEFT_OUT:
        fprintf(out, "Machine %s has runs on the %s side only, and is left out.", note->names[0],
                side_words[note->side]);
        break;
    default:
        break;
    }
}

static void put_doubt(FILE *out, const struct note *note)
{
    char doubt[VERDICT_TEXT], refusal[MODEL_REFUSAL_MAX];

    switch (note->kind) {
    case NOTE_SETTINGS_DIFFER:
        fputs("The sides differ in: ", out);
        put_differences(out, &note->differences);
        fputc('.', out);
        break;
    case NOTE_NO_MODEL:
        model_refusal_text(&note->model, refusal);
        fprintf(out, "%s has no cost model on the %s side: %s.", note->names[0],
                side_words[note->side], refusal);
        break;
    case NOTE_DOUBTFUL_RUNS:
        verdict_text(&note->finding, doubt);
        fprintf(out,
                "%zu of %zu runs of the %s side are doubtful, and a part of what differs can be "
                "due to that. %s",
                note->count[0], note->count[1], side_words[note->side], doubt);
        break;
    case NOTE_MISSING_CONTROLS:
        fputs("The sides do not both have ", out);
        put_names(out, note, note->name_count);
        fputs(
            " of the same sizes, so what these controls measure is part of the remainder here. "
            "Runs of the same sizes with these controls (--benchmark_filter) would separate it.",
            out);
        break;
    case NOTE_FEW_RUNS:
        fprintf(out,
                "A side has fewer than %d runs. Its intervals are those of the samples inside its "
                "processes, made %g times as wide, because other processes have been seen to "
                "differ by so much more. Three runs a side show that by themselves.",
                COSTS_LEAST_FOR_STUDENT, COSTS_PROCESS_WIDENING);
        break;
    default:
        break;
    }
}

char *note_text(const struct note *note)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    put_refusal(out, note);
    put_left_out(out, note);
    put_doubt(out, note);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static void put_figures(struct document *document, const struct note *note)
{
    document_text(document, "code", codes[note->kind].code);
    if (codes[note->kind].of_side)
        document_text(document, "side", side_words[note->side]);
    for (int i = 0; i < 2; i++)
        if (codes[note->kind].count[i] != NULL)
            document_count(document, codes[note->kind].count[i], note->count[i]);
    if (codes[note->kind].number != NULL)
        document_number(document, codes[note->kind].number, note->number);
    if (note->fault != FAULT_NONE)
        document_text(document, "fault", faults[note->fault].code);
    if (codes[note->kind].names != NULL)
        document_texts(document, codes[note->kind].names, note->names, note->name_count);
    if (note->differences.count > 0) {
        document_open(document, "differences", '[');
        for (size_t i = 0; i < note->differences.count; i++) {
            document_open(document, NULL, '{');
            document_text(document, "key", note->differences.items[i].field->key);
            document_text(document, "old", note->differences.items[i].value[0]);
            document_text(document, "new", note->differences.items[i].value[1]);
            document_close(document, '}');
        }
        document_close(document, ']');
    }
}

static void put_text(struct document *document, const char *key, const struct note *note)
{
    char *text = note_text(note);

    if (text == NULL)
        document->error = -ENOMEM;
    else
        document_text(document, key, document_loosen(text));
    free(text);
}

void note_put_refusal(struct document *document, const struct note *refusal)
{
    if (refusal->kind == NOTE_NONE) {
        document_text(document, "refusal", NULL);
        document_text(document, "refusal_code", NULL);
        return;
    }
    put_text(document, "refusal", refusal);
    document_text(document, "refusal_code", codes[refusal->kind].code);
    document_open(document, "refusal_detail", '{');
    put_figures(document, refusal);
    document_close(document, '}');
}

void note_put_paragraph(struct document *document, const char *lead, const struct note *refusal)
{
    char *text = refusal->kind != NOTE_NONE ? note_text(refusal) : NULL;

    if (text != NULL)
        document_paragraph(document, "", "%s: %s.", lead, text);
    else if (refusal->kind != NOTE_NONE)
        document->error = -ENOMEM;
    free(text);
}

void notes_put_members(struct document *document, const struct notes *notes)
{
    document_open(document, "notes", '[');
    for (size_t i = 0; i < notes->count; i++)
        put_text(document, NULL, &notes->items[i]);
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
        char *text = note_text(&notes->items[i]);
        if (text == NULL)
            document->error = -ENOMEM;
        else if (lead == NULL)
            document_paragraph(document, "", "%s", text);
        else
            document_note(document, lead, "%s%s", about, text);
        free(text);
    }
}
