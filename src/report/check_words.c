/* SPDX-License-Identifier: Apache-2.0 */
#include "check_words.h"

#include "watch_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT = 10 };

static enum check_absence absence_of(const struct check *check, size_t column)
{
    const struct run_window *past = &check->past;
    size_t runs = past->series.runs.count, last = runs - 1, there = 0, current = 0;
    size_t recent = last < RECENT ? last : RECENT, newest = check->options.newest;
    const double *time = &past->time_ns[column * runs];

    if (past->series.errors[column * runs + last] > 0)
        return CHECK_FAILED;
    if (time[last] > 0)
        return CHECK_ABSENCES;
    for (size_t i = last - recent; i < last; i++)
        there += time[i] > 0;
    for (size_t i = runs > newest ? runs - newest : 0; i < last; i++)
        current += time[i] > 0;
    if (current == 0)
        return CHECK_RETIRED;
    return 2 * there >= recent ? CHECK_MISSING : CHECK_ABSENCES;
}

size_t check_absent(const struct check *check, enum check_absence absence, size_t *column)
{
    size_t count = 0;

    for (size_t c = 0; c < check->past.series.cell_count; c++)
        if (absence_of(check, c) == absence)
            column[count++] = c;
    return count;
}

static void put_finding(FILE *out, const struct check *check, const struct watch_row *row)
{
    char by[FORMAT_MAX], run[RUN_TEXT], *common = check_common(check);
    char *name = common != NULL ? check_short_name(check, row, common) : NULL;

    watch_put_change(row->ratio.estimate, by);
    run_put(&check->past.series.runs.runs[row->since], run);
    fprintf(out, "%s, %s since %s", name != NULL ? name : check_row_name(check, row), by, run);
    free(name);
    free(common);
}

static void put_findings(FILE *out, const struct check *check, const size_t *order,
                         const char *lead)
{
    const struct watch_row *first = &check->watched.rows[order[0]];
    size_t others = 0;

    for (size_t r = 0; r < check->watched.count; r++) {
        const struct watch_row *row = &check->watched.rows[r];
        others += row != first && row->change == first->change &&
                  (row->kind == WATCH_CONTROL) == (first->kind == WATCH_CONTROL) &&
                  check_is_new(check, row);
    }
    fprintf(out, "%s: ", lead);
    put_finding(out, check, first);
    if (others > 0)
        fprintf(out, "; and %zu more", others);
}

char *check_verdict(const struct check *check, const size_t *order)
{
    const struct watch_result *watched = &check->watched;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (watched->controls > 0)
        put_findings(out, check, order,
                     "The newest runs cannot be trusted, for what measures the machine and no "
                     "writer moved");
    else if (watched->slower > 0)
        put_findings(out, check, order, "Slower");
    else if (watched->apart > 0)
        fputs("Something moved, and it is uncertain whether it became slower or the rest faster",
              out);
    else if (check->newest_is_empty)
        fputs("The newest run cannot be judged: it has no time of any cell", out);
    else if (check->judged == 0)
        fputs("It cannot be told yet whether anything became slower", out);
    else if (watched->faster > 0)
        put_findings(out, check, order, "Nothing became slower; faster");
    else
        fputs("Nothing became slower", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
