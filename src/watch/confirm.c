/* SPDX-License-Identifier: Apache-2.0 */
#include "confirm.h"
#include "src/base/arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* More rows than that are asked about with everything else. */
enum { NAMED_MOST = 8 };

static int is_asked(const struct check_row *row)
{
    return row->is_new && row->step->finding.change == CHANGE_SLOWER &&
           row->step->finding.kind != ROW_CONTROL;
}

/* A step lies within STEP_NEAR runs of its place; a drift anywhere. */
static void widen(const struct watch_row *step, size_t runs, size_t *before, size_t *after)
{
    size_t least = step->from, most = runs - 1;

    if (!step->drift.is_drift) {
        least = step->since > step->from + STEP_NEAR ? step->since - 1 - STEP_NEAR : step->from;
        most = step->since + STEP_NEAR < runs ? step->since + STEP_NEAR : runs - 1;
    }
    *before = least < *before ? least : *before;
    *after = most > *after ? most : *after;
}

/* The dialect of Google Benchmark's filter depends on how it was built, and a shell takes some
 * signs for its own: a dot is any of them. */
static void put_pattern(FILE *out, const char *lead, const struct check_row *row)
{
    fprintf(out, "%s^", lead);
    for (const char *sign = row->name; *sign != '\0'; sign++)
        fputc(strchr("()[]{}|*+?^$\\,;&<>'\"` \t", *sign) != NULL ? '.' : *sign, out);
    if (row->step->finding.kind == ROW_WRITER)
        fputc('/', out);
}

/* bench_mmap's own flags, from what a run says that it was asked for: " file:new sync:none ...". */
static void put_selection(FILE *out, const char *selection)
{
    static const struct {
        const char *key, *flag;
    } parts[] = {{" file:", "--file="},
                 {" sync:", "--sync="},
                 {" size:", "--file_size="},
                 {" chunk:", "--chunks="},
                 {" threads:", "--threads="}};

    for (size_t i = 0; selection != NULL && i < sizeof parts / sizeof parts[0]; i++) {
        const char *at = strstr(selection, parts[i].key);
        if (at == NULL)
            continue;
        at += strlen(parts[i].key);
        fprintf(out, "%s%.*s ", parts[i].flag, (int)strcspn(at, " "), at);
    }
}

static int put_flags(FILE *out, char **text, const struct check *check, const char *selection)
{
    size_t asked = 0;
    int everything = 0;

    for (size_t r = 0; r < check->watched.count; r++)
        if (is_asked(&check->rows[r])) {
            everything |= check->rows[r].step->finding.kind == ROW_ALL;
            asked++;
        }
    put_selection(out, selection);
    if (!everything && asked <= NAMED_MOST) {
        const char *lead = "--benchmark_filter=";
        for (size_t r = 0; r < check->watched.count; r++)
            if (is_asked(&check->rows[r])) {
                put_pattern(out, lead, &check->rows[r]);
                lead = "|";
            }
    }
    return text_close(out, text);
}

void check_confirm(struct check *check)
{
    const struct history_runs *runs = &check->window.series.runs;
    size_t before = runs->count, after = 0, size = 0;
    char *flags = NULL;

    for (size_t r = 0; r < check->watched.count; r++)
        if (is_asked(&check->rows[r]))
            widen(check->rows[r].step, runs->count, &before, &after);
    if (before >= after)
        return;
    struct confirmation *confirmation = &check->confirmation;
    const char *base = runs->runs[before].revision, *head = runs->runs[after].revision;
    confirmation->is_wanted = 1;
    if (base == NULL || head == NULL || strcmp(base, head) == 0)
        return;
    FILE *out = open_memstream(&flags, &size);
    if (out == NULL ||
        put_flags(out, &flags, check, history_context(&runs->runs[after], "selection")) != 0)
        check->window.arena.error = -ENOMEM;
    else
        confirmation->flags = arena_text(&check->window.arena, flags);
    free(flags);
    confirmation->base = base;
    confirmation->head = head;
}
