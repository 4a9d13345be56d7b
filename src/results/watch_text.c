/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_text.h"

#include "bench_mmap/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What may explain a change, in the order in which it is told. */
static const struct {
    const char *key;
    const char *name;
} telling[] = {
    {"git_revision", "revision"},
    {"kernel", "kernel"},
    {"microcode", "microcode"},
    {"governor", "governor"},
    {"mitigations", "mitigations"},
    {"transparent_hugepage", "transparent huge pages"},
    {"dirty_ratio", "dirty ratio"},
    {"io_scheduler", "I/O scheduler"},
    {"write_cache", "write cache"},
    {"mount_options", "mount options"},
    {"compiler", "compiler"},
    {"compiler_flags", "compiler flags"},
    {"build_type", "build type"},
    {"library_build_type", "build of Google Benchmark"},
    {"google_benchmark_version", "version of Google Benchmark"},
    {"bench_mmap_version", "version"},
};

static const char *const kind_words[] = {
    [RESULTS_WATCH_ALL] = "all",
    [RESULTS_WATCH_WRITER] = "writer",
    [RESULTS_WATCH_CELL] = "cell",
    [RESULTS_WATCH_CONTROL] = "control",
};

const char *watch_kind_word(enum results_watch_kind kind) { return kind_words[kind]; }

void watch_date_text(int64_t date_s, char text[FORMAT_MAX])
{
    time_t seconds = (time_t)date_s;
    struct tm parts;

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, FORMAT_MAX, "%Y-%m-%d %H:%M", &parts) == 0)
        snprintf(text, FORMAT_MAX, "-");
}

void watch_run_text(const struct results_past_run *run, char text[WATCH_RUN_TEXT])
{
    char date[FORMAT_MAX];

    watch_date_text(run->date_s, date);
    snprintf(text, WATCH_RUN_TEXT, "%s%s%.30s", date, run->revision != NULL ? ", revision " : "",
             run->revision != NULL ? run->revision : "");
}

const char *watch_row_name(const struct results_story *story, const struct results_watch_row *row)
{
    return row->kind == RESULTS_WATCH_ALL      ? "all cells"
           : row->kind == RESULTS_WATCH_WRITER ? story->group[row->index]
                                               : story->cell[row->index];
}

static const char *value_of(const struct results_past_run *run, const char *key)
{
    for (size_t i = 0; i < run->context_count; i++)
        if (strcmp(run->context[i].key, key) == 0)
            return run->context[i].value;
    return NULL;
}

void watch_context_text(const struct results_story *story, size_t run,
                        char text[WATCH_CONTEXT_TEXT])
{
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; run > 0 && i < sizeof telling / sizeof telling[0]; i++) {
        const char *old_value = value_of(&story->run[run - 1], telling[i].key);
        const char *new_value = value_of(&story->run[run], telling[i].key);
        if (at >= WATCH_CONTEXT_TEXT || (old_value == NULL && new_value == NULL) ||
            (old_value != NULL && new_value != NULL && strcmp(old_value, new_value) == 0))
            continue;
        at += (size_t)snprintf(text + at, WATCH_CONTEXT_TEXT - at, "%s%s %.60s -> %.60s",
                               at > 0 ? ", " : "", telling[i].name,
                               old_value != NULL ? old_value : "unknown",
                               new_value != NULL ? new_value : "unknown");
    }
}

void watch_change_text(double ratio, char text[FORMAT_MAX])
{
    double percent = 100 * (ratio - 1);

    if (!isfinite(percent))
        snprintf(text, FORMAT_MAX, "-");
    else if (fabs(percent) >= 1000)
        snprintf(text, FORMAT_MAX, "%.3gx", ratio);
    else
        snprintf(text, FORMAT_MAX, "%s%.1f", percent >= 0 ? "+" : "−", fabs(percent));
}

static int rank_of(const struct results_watch_row *row)
{
    if (row->change == RESULTS_UNTOLD)
        return 0;
    if (row->kind == RESULTS_WATCH_CONTROL)
        return 4;
    return row->change == RESULTS_SLOWER ? 3 : row->change == RESULTS_APART ? 2 : 1;
}

static int comes_before(const struct results_watch_row *a, const struct results_watch_row *b)
{
    int a_rank = rank_of(a), b_rank = rank_of(b);

    if (a_rank != b_rank)
        return a_rank > b_rank;
    if (a->kind != b->kind || a_rank == 0)
        return a->kind < b->kind;
    return fabs(log(a->ratio.estimate)) > fabs(log(b->ratio.estimate));
}

void watch_order(const struct results_watched *watched, size_t *order)
{
    for (size_t i = 0; i < watched->count; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(&watched->rows[i], &watched->rows[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}
