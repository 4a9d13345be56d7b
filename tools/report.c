/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/arena.h"
#include "src/base/replace.h"
#include "src/report/comparison_report.h"
#include "src/report/page.h"
#include "tool_compare.h"
#include "tool_history.h"

#include <errno.h>
#include <stdlib.h>

struct report_values {
    struct tool_values common;
    const char *output;
};

static const struct option_row options[] = {
    {"-o", "FILE", OPTION_TEXT, offsetof(struct report_values, output),
     "the page (default report.html); an old one is replaced as a whole"},
    TOOL_OPTION("--db", "URL", OPTION_TEXT, db,
                "also the history in that store, as bench_results history takes it"),
    TOOL_MACHINE_OPTION(
        "the machine of that history, or the beginning of its key (default: that of "
        "the newest run)"),
    TOOL_BOOTSTRAP_OPTIONS,
};

/* What the page is made from. */
struct report {
    const struct tool_command *command;
    const struct report_values *values;
    size_t side_count;
    struct tool_runs *sides; /* what each word names */
    size_t file_count;
    struct page_text *files; /* the texts of the runs that are shown */
    size_t measured;         /* cells of these with a time */
    struct cell_histories histories;
};

/* Of the runs of a side on one machine the last one is shown. */
static int is_shown(const struct tool_runs *side, size_t at)
{
    const char *key = run_context(side->runs[at], "machine_key");

    for (size_t i = at + 1; i < side->count; i++) {
        const char *other = run_context(side->runs[i], "machine_key");
        if (key == NULL ? other == NULL : other != NULL && strcmp(key, other) == 0)
            return 0;
    }
    return 1;
}

static int put_run(struct report *report, FILE *out, size_t word, const struct run *run)
{
    struct page_run page_run = {.run = run,
                                .file = -1,
                                .word = word,
                                .replicates = (size_t)report->values->common.replicates,
                                .seed = report->values->common.seed};
    struct page_text *files = array_grow(report->files, report->file_count, sizeof *files);

    if (files == NULL)
        return -ENOMEM;
    report->files = files;
    for (size_t i = 0; i < run->cell_count; i++)
        report->measured += run->cells[i].samples > 0 || isfinite(run->cells[i].aggregate_ns);
    /* Standard input cannot be read twice. */
    if (run->path != NULL && strcmp(run->path, "-") != 0) {
        struct page_text *file = &files[report->file_count];
        int error = load_bytes(run->path, RUN_BYTES_MOST, &file->text, &file->length);
        page_run.file = (int)report->file_count++;
        if (error != 0)
            return error;
    }
    return page_put_run(out, &page_run);
}

static int put_runs(struct report *report, FILE *out)
{
    int error = 0;
    size_t shown = 0;

    fputs("\"runs\":[", out);
    for (size_t s = 0; s < report->side_count; s++)
        for (size_t r = 0; error == 0 && r < report->sides[s].count; r++)
            if (is_shown(&report->sides[s], r)) {
                fputs(shown++ > 0 ? ",\n" : "\n", out);
                error = put_run(report, out, s, report->sides[s].runs[r]);
            }
    fputc(']', out);
    return error;
}

/* Two words are the two sides of a comparison; where the machines differ there is none. */
static int put_comparison(const struct report *report, FILE *out)
{
    struct comparison_options how = comparison_options_default();
    struct comparison comparison = {0};
    struct across_machines across = {0};
    struct view view = view_default();

    if (report->side_count != 2)
        return 0;
    const struct side sides[] = {{report->sides[0].count, report->sides[0].runs},
                                 {report->sides[1].count, report->sides[1].runs}};
    how.seed = report->values->common.seed;
    view.format = &format_json;
    fputs(",\n\"comparison\":", out);
    int error = compare_across_machines(&sides[0], &sides[1], &how, &across);
    if (error == 0 && across.outcome == MACHINES_SINGLE) {
        error = compare_sides(&sides[0], &sides[1], &how, &comparison);
        if (error == 0)
            error = report_comparison(out, &comparison, &view, 1);
    } else if (error == 0) {
        error = report_across_machines(out, &across, &view, 1);
    }
    comparison_free(&comparison);
    across_machines_free(&across);
    return error;
}

static int put_data(struct report *report, FILE *out)
{
    fputs("{\"program\":\"bench_results " BENCH_MMAP_VERSION "\",", out);
    int error = put_runs(report, out);
    if (error == 0)
        error = put_comparison(report, out);
    if (error == 0 && report->values->common.db != NULL) {
        fputs(",\n\"history\":", out);
        error = page_put_history(out, &report->histories);
    }
    fputs("}\n", out);
    return error;
}

static int make(struct report *report, struct page_text *html)
{
    struct page_text data = {0};
    FILE *out = open_memstream(&data.text, &data.length);
    int error = out != NULL ? put_data(report, out) : -ENOMEM;

    int closed = text_close(out, &data.text);
    if (error == 0)
        error = closed;
    if (error == 0)
        error = page_make(&data, report->files, report->file_count, html);
    free(data.text);
    return error;
}

static int write_page(const struct report *report, const struct page_text *html)
{
    const char *path = report->values->output;
    struct replacement replacement;
    int error = replace_open(&replacement, path);

    if (error == 0)
        error = replace_write(&replacement, html->text, html->length);
    if (error == 0)
        error = replace_commit(&replacement, path);
    replace_close(&replacement);
    return error == 0 ? TOOL_OK
                      : tool_complain(report->command, "%s could not be written: %s.", path,
                                      strerror(-error));
}

static int load_history(struct report *report)
{
    const struct tool_values *common = &report->values->common;
    const struct run_window_query query = {.machine = common->machine};
    struct step_options how = step_options_default();
    struct run_window window;

    if (common->db == NULL)
        return TOOL_OK;
    how.seed = common->seed;
    int status = tool_read_window(report->command, common->db, &query, NULL, &window);
    if (status == TOOL_OK && cell_histories_find(&window, &how, &report->histories) != 0)
        status = tool_complain(report->command, "not enough memory.");
    return status;
}

static int load(struct report *report, const struct tool_words *words)
{
    if (words->count == 0 && report->values->common.db == NULL)
        return tool_complain(report->command,
                             "name a run file, or a store with --db; "
                             "bench_results report --help says more.");
    report->sides = calloc(words->count + 1, sizeof *report->sides);
    if (report->sides == NULL)
        return tool_complain(report->command, "not enough memory.");
    for (size_t i = 0; i < words->count; i++) {
        report->side_count++;
        if (tool_load_runs(report->command, words->items[i], &report->sides[i]) != TOOL_OK)
            return TOOL_ERROR;
    }
    return load_history(report);
}

/* What failed stands in the page, too. */
static int say_done(const struct report *report)
{
    if (report->measured + report->histories.count == 0)
        return tool_complain(report->command,
                             "nothing was measured; %s has what the failed rows say.",
                             report->values->output);
    printf("the report is in %s\n", report->values->output);
    return TOOL_OK;
}

static int make_and_write(struct report *report)
{
    struct page_text html = {0};
    int error = make(report, &html), status = TOOL_ERROR;

    if (error != 0)
        tool_complain(report->command, "the report could not be made: %s.", strerror(-error));
    else
        status = write_page(report, &html);
    free(html.text);
    return status == TOOL_OK ? say_done(report) : status;
}

static int run_report(const struct tool_command *command, const struct tool_words *words,
                      void *values)
{
    struct report_values *from = values;
    struct report report = {.command = command, .values = from};

    if (from->output == NULL)
        from->output = "report.html";
    if (!page_can_be_made())
        return tool_complain(command,
                             "this program was built without Chart.js, which draws the "
                             "report: install libjs-chart.js and build it again.");
    int status = load(&report, words);
    if (status == TOOL_OK)
        status = make_and_write(&report);
    for (size_t i = 0; i < report.side_count; i++)
        tool_runs_free(&report.sides[i]);
    for (size_t i = 0; i < report.file_count; i++)
        free(report.files[i].text);
    cell_histories_free(&report.histories);
    free(report.sides);
    free(report.files);
    return status;
}

const struct tool_command command_report = {
    .name = "report",
    .summary = "Draws it: one HTML page with everything in it, for any browser",
    .usage = "[RUN.json...] [options]",
    .details =
        "Runs, or directories of runs; of several runs of one machine in a directory\n"
        "the last one is shown. Two of them are also compared, several are shown side\n"
        "by side. With --db the page has a history, too. It needs no network.",
    TOOL_OPTIONS(options, struct report_values),
    .words = {0, SIZE_MAX, "name a run file"},
    .run = run_report,
};
