/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader of two machines side by side must know besides the figures. */
#include "machine_costs.h"
#include "src/analysis/verdict.h"
#include "src/base/text_list.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 3, 4)))
note(struct machine_costs *beside, int *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int failed = text_list_add(&beside->notes, &beside->note_count, format, arguments);
    va_end(arguments);
    *error = *error != 0 ? *error : failed;
}

static int note_controls(struct machine_costs *beside)
{
    char missing[80] = "";
    int error = 0;

    for (int a = 0; a < ASPECT_FILE; a++) {
        const struct machine_cost *cost = machine_costs_control(beside, (enum aspect)a);
        size_t at = strlen(missing);
        if (cost == NULL || isnan(cost->ratio.estimate))
            snprintf(missing + at, sizeof missing - at, "%s%s", at > 0 ? ", " : "",
                     control_writer[a]);
    }
    if (*missing != '\0')
        note(beside, &error,
             "The sides have no %s of the same sizes: what these controls measure is part of the "
             "rest here. Runs of the same sizes, with --benchmark_filter of these too, tell it "
             "apart.",
             missing);
    if (beside->runs[0] < COSTS_LEAST_FOR_STUDENT || beside->runs[1] < COSTS_LEAST_FOR_STUDENT)
        note(beside, &error,
             "A side of fewer than %d runs has the interval of its processes' samples, %g times as "
             "wide: by so much other processes have been seen to differ more. Three runs say it "
             "themselves.",
             COSTS_LEAST_FOR_STUDENT, COSTS_PROCESS_WIDENING);
    return error;
}

/* A busy machine is slower than an idle one: no context says why, but the run itself does. */
static int note_doubts(const struct side *side, const char *word, struct machine_costs *beside)
{
    char reason[VERDICT_TEXT] = "";
    size_t doubtful = 0;
    int error = 0;

    for (size_t r = 0; error == 0 && r < side->count; r++) {
        struct verdict verdict;
        error = verdict_make(side->runs[r], &verdict);
        if (error != 0 || verdict.doubts == 0)
            continue;
        if (doubtful++ == 0)
            memcpy(reason, verdict.findings[0].text, sizeof reason);
    }
    if (doubtful > 0)
        note(beside, &error,
             "%zu of %zu runs of the %s side are doubtful, and a part of what differs can be due "
             "to that. %s",
             doubtful, side->count, word, reason);
    return error;
}

int cost_note(const struct side *const sides[2], struct machine_costs *beside)
{
    int error = note_doubts(sides[0], "old", beside);

    if (error == 0)
        error = note_doubts(sides[1], "new", beside);
    return error == 0 ? note_controls(beside) : error;
}
