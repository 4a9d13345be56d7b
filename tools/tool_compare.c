/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_compare.h"

#include "src/base/arena.h"
#include "src/base/replace.h"
#include "src/report/comparison_report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

int tool_add_run(struct tool_runs *runs, struct run *run)
{
    struct run **larger = array_grow(runs->runs, runs->count, sizeof(struct run *));

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

    if (tool_load(command, path, &run) != TOOL_OK)
        return TOOL_ERROR;
    if (tool_add_run(runs, run) == 0)
        return TOOL_OK;
    run_free(run);
    return tool_complain(command, "not enough memory.");
}

static int is_json(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - 5, ".json") == 0;
}

/* It would be waited for for ever. */
static int is_pipe(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

static int natural(const struct dirent **a, const struct dirent **b)
{
    return strverscmp((*a)->d_name, (*b)->d_name);
}

int tool_is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
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
    int status = TOOL_OK, count = scandir(path, &entries, is_wanted, natural);

    if (count < 0)
        return tool_complain(command, "%s cannot be read: %s.", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *file = NULL;
        if (status == TOOL_OK && asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0) {
            file = NULL;
            status = tool_complain(command, "not enough memory.");
        }
        if (status == TOOL_OK && runs->except != NULL && tool_is_same_file(file, runs->except))
            tool_complain(command, "%s is the new side; the old one is taken without it.", file);
        else if (status == TOOL_OK && !is_pipe(file))
            status = load(command, file, runs);
        free(file);
        free(entries[i]);
    }
    free(entries);
    return status;
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
    int result = load_entries(command, path, is_json, load_one, runs);
    if (result == TOOL_OK)
        result = load_entries(command, path, is_machine, load_machine, runs);
    return result != TOOL_OK || runs->count > 0
               ? result
               : tool_complain(command, "the directory %s has no %s.json file.", path,
                               runs->except != NULL ? "other " : "");
}

uint64_t tool_draw_seed(void)
{
    uint32_t drawn;

    return getrandom(&drawn, sizeof drawn, 0) == (ssize_t)sizeof drawn ? drawn : 1;
}

struct comparison_options tool_comparing_options(const struct tool_comparing *from)
{
    struct comparison_options options = comparison_options_default();

    options.margin = from->common.margin;
    options.alpha = from->alpha;
    options.confidence = from->confidence;
    options.must_see = from->must_see;
    options.seed = from->common.seed;
    options.draws = (size_t)from->common.replicates;
    return options;
}

/* One comparison, or one on each of several machines. */
struct shown {
    struct comparison comparison;
    struct across_machines across;
};

static int is_across(const struct shown *shown) { return shown->across.outcome != MACHINES_SINGLE; }

static int show(FILE *out, const struct shown *shown, const struct view *view, int all)
{
    return is_across(shown) ? report_across_machines(out, &shown->across, view, all)
                            : report_comparison(out, &shown->comparison, view, all);
}

static int write_summary(const struct tool_command *command, const struct shown *shown,
                         const struct view *view)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    struct view markdown = *view;

    if (path == NULL || *path == '\0')
        return 0;
    markdown.format = &format_markdown;
    int fd = open_at_once(path, O_CREAT | O_APPEND), error = fd < 0 ? fd : 0;
    FILE *out = fd >= 0 ? fdopen(fd, "a") : NULL;
    if (error == 0)
        error = out == NULL ? -ENOMEM : show(out, shown, &markdown, 0);
    if (out != NULL && fclose(out) != 0)
        error = -EIO;
    if (error != 0)
        tool_complain(command, "%s could not be written: %s.", path, strerror(-error));
    return error;
}

static int present(const struct tool_command *command, const struct shown *shown,
                   const struct tool_comparing *from)
{
    int status = is_across(shown) ? across_machines_status(&shown->across)
                                  : comparison_status(&shown->comparison);
    int error = show(stdout, shown, &from->common.view, from->common.all);

    if (error != 0)
        return tool_complain(command, "the comparison could not be shown: %s.", strerror(-error));
    if (!from->github)
        return status;
    if (is_across(shown))
        report_annotations_across(stdout, &shown->across);
    else
        report_annotations(stdout, &shown->comparison);
    return write_summary(command, shown, &from->common.view) == 0 ? status : TOOL_ERROR;
}

static int compare(const struct tool_command *command, const struct tool_runs runs[2],
                   const struct tool_comparing *from, const struct comparison_options *options)
{
    const struct side old_side = {runs[0].count, runs[0].runs};
    const struct side new_side = {runs[1].count, runs[1].runs};
    struct shown shown = {0};

    int error = compare_across_machines(&old_side, &new_side, options, &shown.across);
    if (error == 0 && shown.across.outcome == MACHINES_SEVERAL_NEW)
        return tool_complain(command,
                             "the new side has runs of several machines: with --cross-machine give "
                             "it those of one.");
    if (error == 0 && shown.across.outcome == MACHINES_SINGLE)
        error = compare_sides(&old_side, &new_side, options, &shown.comparison);
    if (error != 0)
        return tool_complain(command, "the runs could not be compared: %s.", strerror(-error));
    int status = present(command, &shown, from);
    comparison_free(&shown.comparison);
    across_machines_free(&shown.across);
    return status;
}

int tool_compare(const struct tool_command *command, const struct tool_runs runs[2],
                 const struct tool_comparing *from, const struct comparison_options *options)
{
    struct comparison_options how = *options;
    regex_t regex;

    if (from->allow_missing == NULL)
        return compare(command, runs, from, options);
    if (regcomp(&regex, from->allow_missing, REG_EXTENDED | REG_NOSUB) != 0)
        return tool_complain(command, "not enough memory.");
    how.allow_missing = &regex;
    int status = compare(command, runs, from, &how);
    regfree(&regex);
    return status;
}
