/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_compare.h"

#include "src/report/across_machines_text.h"
#include "src/report/comparison_text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int tool_add_run(struct tool_runs *runs, struct run *run)
{
    struct run **larger = realloc(runs->runs, (runs->count + 1) * sizeof(struct run *));

    if (larger == NULL)
        return -ENOMEM;
    runs->runs = larger;
    larger[runs->count++] = run;
    return 0;
}

void tool_runs_free(struct tool_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        run_free(runs->runs[i]);
    free(runs->runs);
    *runs = (struct tool_runs){0};
}

static int load_one(const struct tool_command *command, const char *path, struct tool_runs *runs)
{
    struct run *run;

    if (tool_load(command, path, &run) != 0)
        return -1;
    if (tool_add_run(runs, run) == 0)
        return 0;
    run_free(run);
    tool_complain(command, "not enough memory.");
    return -1;
}

static int is_json(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - 5, ".json") == 0;
}

static int natural(const struct dirent **a, const struct dirent **b)
{
    return strverscmp((*a)->d_name, (*b)->d_name);
}

/* results/<machine key>/RUN.json: sixteen hexadecimal digits. */
static int is_machine(const struct dirent *entry)
{
    return strlen(entry->d_name) == 16 && strspn(entry->d_name, "0123456789abcdef") == 16;
}

static int load_entries(const struct tool_command *command, const char *path,
                        int (*is_wanted)(const struct dirent *),
                        int (*load)(const struct tool_command *, const char *, struct tool_runs *),
                        struct tool_runs *runs)
{
    struct dirent **entries = NULL;
    int failed = 0, count = scandir(path, &entries, is_wanted, natural);

    if (count < 0)
        tool_complain(command, "%s cannot be read: %s.", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *file = NULL;
        if (!failed && asprintf(&file, "%s/%s", path, entries[i]->d_name) > 0)
            failed = load(command, file, runs) != 0;
        free(file);
        free(entries[i]);
    }
    free(entries);
    return failed || count < 0 ? -1 : 0;
}

static int load_machine(const struct tool_command *command, const char *path,
                        struct tool_runs *runs)
{
    return load_entries(command, path, is_json, load_one, runs);
}

int tool_load_runs(const struct tool_command *command, const char *path, struct tool_runs *runs)
{
    struct stat status;

    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return load_one(command, path, runs);
    if (load_entries(command, path, is_json, load_one, runs) != 0 ||
        load_entries(command, path, is_machine, load_machine, runs) != 0)
        return -1;
    if (runs->count > 0)
        return 0;
    tool_complain(command, "the directory %s has no .json file.", path);
    return -1;
}

int tool_parse_share(const struct tool_command *command, const char *option, const char *text,
                     double *share)
{
    char *after = NULL;
    double value = text != NULL ? strtod(text, &after) : 0;

    if (text == NULL)
        return 0;
    if (after != text && strcmp(after, "%") == 0) {
        value /= 100;
        after++;
    }
    if (after == text || *after != '\0' || !(value > 0 && value < 1)) {
        tool_complain(command, "%s is a share such as 2%% or 0.02, not '%s'.", option, text);
        return -1;
    }
    *share = value;
    return 0;
}

int tool_make_comparing(const struct tool_command *command, const struct tool_comparing *from,
                        struct view *view, struct comparison_options *options)
{
    *options = comparison_options_default();
    if (tool_make_view(command, &from->view, view) != 0 ||
        tool_parse_share(command, "--margin", from->margin, &options->margin) != 0 ||
        tool_parse_share(command, "--alpha", from->alpha, &options->alpha) != 0)
        return -1;
    options->seed = from->view.seed;
    options->draws = from->view.replicates;
    return 0;
}

/* What there is to show: one comparison, or one on each of several machines. */
struct shown {
    int by_machine;
    struct comparison comparison;
    struct across_machines fleet;
};

static int make(const struct side *old_side, const struct side *new_side,
                const struct comparison_options *options, struct shown *shown)
{
    int error = compare_across_machines(old_side, new_side, options, &shown->fleet);

    shown->by_machine = error == 0;
    return error == -ENOENT ? compare_sides(old_side, new_side, options, &shown->comparison)
                            : error;
}

static int show(FILE *out, const struct shown *shown, const struct view *view, int all)
{
    return shown->by_machine ? report_across_machines(out, &shown->fleet, view, all)
                             : report_comparison(out, &shown->comparison, view, all);
}

/* GitHub cuts an annotation at its first line; %, CR and LF must be escaped, and none is in here
 * but the percent sign. */
static void annotate(const struct comparison *comparison, const char *machine)
{
    size_t shown = 0;

    if (comparison->refusal != NULL)
        printf("::warning title=No verdict%s::%s\n", machine, comparison->refusal);
    for (size_t r = 0; r < comparison->table.count && comparison->gate == GATE_OPEN; r++) {
        const struct comparison_row *row = &comparison->table.rows[r];
        const struct interval *by =
            row->finding.by_relative ? &row->finding.relative : &row->finding.ratio;
        const char *name = row->finding.kind == ROW_ALL ? "all cells"
                           : row->finding.kind == ROW_WRITER
                               ? comparison->group_names[row->finding.index]
                               : comparison->cell_names[row->finding.index];
        if (row->finding.change == CHANGE_SLOWER && shown++ < 10)
            printf("::error title=Slower%s::%s takes %.3f times as long\n", machine, name,
                   by->estimate);
    }
}

static void annotate_all(const struct shown *shown)
{
    size_t rows = 0;

    if (!shown->by_machine) {
        annotate(&shown->comparison, "");
        return;
    }
    for (size_t r = 0; r < shown->fleet.row_count; r++) {
        const struct across_machines_row *row = &shown->fleet.rows[r];
        if (row->finding.change == CHANGE_SLOWER && rows++ < 10)
            printf("::error title=Slower on %zu of %zu machines::%s takes %.3f times as long\n",
                   row->slower, row->machines, row->name, row->finding.ratio.estimate);
    }
    for (size_t m = 0; m < shown->fleet.count; m++) {
        char machine[100];
        snprintf(machine, sizeof machine, " on machine %.64s", shown->fleet.machines[m].key);
        annotate(&shown->fleet.machines[m].comparison, machine);
    }
}

static int write_summary(const struct tool_command *command, const struct shown *shown,
                         const struct view *view)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    struct view markdown = *view;
    FILE *out = path != NULL && *path != '\0' ? fopen(path, "a") : NULL;

    if (path == NULL || *path == '\0')
        return 0;
    markdown.format = &format_markdown;
    int error = out == NULL ? -errno : show(out, shown, &markdown, 0);
    if (out != NULL && fclose(out) != 0)
        error = -EIO;
    if (error != 0)
        tool_complain(command, "%s could not be written: %s.", path, strerror(-error));
    return error;
}

static int present(const struct tool_command *command, const struct shown *shown,
                   const struct tool_comparing *from, const struct view *view)
{
    int status = shown->by_machine ? across_machines_status(&shown->fleet)
                                   : comparison_status(&shown->comparison);
    int error = show(stdout, shown, view, from->all);

    if (error != 0)
        return tool_complain(command, "the comparison could not be shown: %s.", strerror(-error));
    if (from->github) {
        annotate_all(shown);
        if (write_summary(command, shown, view) != 0)
            status = TOOL_ERROR;
    }
    return status;
}

int tool_compare(const struct tool_command *command, const struct tool_runs *old_runs,
                 const struct tool_runs *new_runs, const struct tool_comparing *from,
                 const struct view *view, const struct comparison_options *options)
{
    struct side old_side = {old_runs->count, old_runs->runs};
    struct side new_side = {new_runs->count, new_runs->runs};
    struct shown shown = {0};

    int error = make(&old_side, &new_side, options, &shown);
    if (error == -E2BIG)
        return tool_complain(command,
                             "the new side has runs of several machines: with "
                             "--cross-machine give it those of one.");
    if (error != 0)
        return tool_complain(command, "the runs could not be compared: %s.", strerror(-error));
    int status = present(command, &shown, from, view);
    comparison_free(&shown.comparison);
    across_machines_free(&shown.fleet);
    return status;
}
