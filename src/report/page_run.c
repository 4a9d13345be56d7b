/* SPDX-License-Identifier: Apache-2.0 */
/* A run in the data of a page. */
#include "page.h"

#include "claims_report.h"
#include "show.h"
#include "src/base/json.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* The sizes that are predicted, the steps of the slider: those measured and some between them. */
enum { SIZES_MOST = 64, STEPS_WANTED = 48 };

static void put_text(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    json_write(out, text, strlen(text));
}

/* A page may be shown to others: the folders on the way to a run are nobody's business. */
static const char *name_of(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    return slash != NULL ? slash + 1 : path != NULL ? path : "";
}

static void put_context(FILE *out, const struct run *run)
{
    fputs(",\"context\":[", out);
    for (size_t i = 0, count = 0; i < run->context_count; i++) {
        const struct context_entry *entry = &run->context[i];
        const struct context_key *known = context_keys, *end = context_keys + context_key_count;
        while (known < end && strcmp(known->key, entry->key) != 0)
            known++;
        fprintf(out, "%s{\"in_machine_key\":%d", count++ > 0 ? "," : "",
                known < end && known->in_machine_key);
        put_text(out, "name", known < end ? known->name : entry->key);
        put_text(out, "value", known < end ? context_value_say(known, entry->value) : entry->value);
        fputc('}', out);
    }
    fputc(']', out);
}

static void put_metrics(FILE *out)
{
    static const char *const kinds[] = {"time", "count", "bytes", "rate"};

    fputs(",\"metrics\":{", out);
    for (int m = 0; m < METRICS; m++) {
        const struct metric_info *info = metric_info((enum metric)m);
        fprintf(out, "%s\"%s\":{\"kind\":\"%s\"", m > 0 ? "," : "", info->option,
                kinds[info->kind]);
        put_text(out, "label", info->label);
        fputc('}', out);
    }
    fputc('}', out);
}

/* Every sample, in the order of the file; null where a row does not say it. */
static void put_values(FILE *out, const struct cell *cell)
{
    int begun = 0;

    fputs(",\"values\":{", out);
    for (int m = 0; m < METRICS; m++) {
        if (cell->values[m] == NULL)
            continue;
        fprintf(out, "%s\"%s\":[", begun++ ? "," : "", metric_info((enum metric)m)->option);
        for (size_t i = 0; i < cell->samples; i++)
            fprintf(out, isfinite(cell->values[m][i]) ? "%s%.9g" : "%snull", i > 0 ? "," : "",
                    cell->values[m][i]);
        fputc(']', out);
    }
    fputc('}', out);
}

/* The figures of `show --metric=...`. */
static int put_summary(FILE *out, const char *key, const struct cell *cell, enum metric metric)
{
    struct summary summary;
    int error = show_summarise(cell, metric, &summary);
    const double figures[] = {summary.median,   summary.median_low, summary.median_high,
                              summary.location, summary.minimum,    summary.maximum};
    static const char *const keys[] = {"median",         "median_low", "median_high",
                                       "fast_half_mean", "lowest",     "highest"};

    if (error != 0 || !isfinite(summary.median))
        return error;
    fprintf(out, ",\"%s\":{\"samples\":%zu", key, summary.samples);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (isfinite(figures[i]))
            fprintf(out, ",\"%s\":%.17g", keys[i], figures[i]);
    fputc('}', out);
    return 0;
}

static int put_cells(FILE *out, const struct run *run)
{
    int error = 0;

    fputs(",\"cells\":[", out);
    for (size_t i = 0; error == 0 && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        fprintf(out, "%s\n{\"samples\":%zu,\"errors\":%zu,\"skipped\":%zu", i > 0 ? "," : "",
                cell->samples, cell->errors, cell->skipped);
        fprintf(out, ",\"chunk_bytes\":%" PRIu64, cell->parts.chunk_bytes);
        put_text(out, "name", cell->name);
        put_text(out, "measure", metric_info(show_metric(cell->parts.axis, METRIC_TIME))->option);
        fputs(",\"writer\":", out);
        json_write(out, cell->parts.series.text, cell->parts.series.length);
        if (name_is_control(&cell->parts))
            fprintf(out, ",\"control_of\":\"%s\",\"size_bytes\":%" PRIu64 ",\"threads\":%u",
                    kind_word[name_kind(&cell->parts)], cell->parts.size_bytes,
                    cell->parts.threads);
        if (cell->error != NULL)
            put_text(out, "error", cell->error);
        put_values(out, cell);
        error = put_summary(out, "time", cell, METRIC_TIME);
        if (error == 0)
            error = put_summary(out, "throughput", cell, METRIC_THROUGHPUT);
        fputc('}', out);
    }
    fputc(']', out);
    return error;
}

static size_t measured_sizes(const struct run *run, uint64_t sizes[SIZES_MOST])
{
    size_t count = 0;

    for (size_t i = 0; i < run->cell_count && count < SIZES_MOST; i++) {
        uint64_t bytes = run->cells[i].parts.chunk_bytes;
        size_t at = 0;
        while (at < count && sizes[at] < bytes)
            at++;
        if (bytes == 0 || run->cells[i].samples == 0 || (at < count && sizes[at] == bytes))
            continue;
        memmove(&sizes[at + 1], &sizes[at], (count++ - at) * sizeof *sizes);
        sizes[at] = bytes;
    }
    return count;
}

/* Between two that were measured, in equal steps of the logarithm. */
static size_t choose_sizes(const struct run *run, uint64_t sizes[SIZES_MOST])
{
    uint64_t measured[SIZES_MOST];
    size_t known = measured_sizes(run, measured), count = 0;
    size_t steps = known > 1 && known <= STEPS_WANTED / 2 ? STEPS_WANTED / (known - 1) : 1;

    for (size_t i = 0; i < known; i++)
        for (size_t step = 0; step < (i + 1 < known ? steps : 1); step++) {
            double ratio = i + 1 < known ? (double)measured[i + 1] / (double)measured[i] : 1;
            uint64_t size =
                (uint64_t)llround((double)measured[i] * pow(ratio, (double)step / (double)steps));
            if (count == 0 || sizes[count - 1] < size)
                sizes[count++] = size;
        }
    return count;
}

/* Those that were published. */
static int put_claims(FILE *out, const struct page_run *page_run, const struct view *view)
{
    struct claims claims = {0};
    struct claim_result *results = NULL;
    int error = claims_published(&claims);

    if (error == 0)
        results = calloc(claims.count + 1, sizeof *results);
    if (error == 0 && results == NULL)
        error = -ENOMEM;
    if (error == 0)
        error = claims_judge(page_run->run, &claims, page_run->replicates, page_run->seed, results);
    fputs(",\n\"claims\":", out);
    if (error == 0)
        error = report_claims(out, view, &claims, results);
    free(results);
    claims_free(&claims);
    return error;
}

int page_put_run(FILE *out, const struct page_run *page_run)
{
    const struct run *run = page_run->run;
    struct view view = view_default();
    uint64_t sizes[SIZES_MOST];
    const struct show_options options = {.predict = sizes,
                                         .predict_count = choose_sizes(run, sizes),
                                         .replicates = page_run->replicates,
                                         .seed = page_run->seed};
    char machine[CONTEXT_MACHINE_MAX];

    context_machine(run, machine);
    fprintf(out, "{\"file\":%d,\"word\":%zu", page_run->file, page_run->word);
    put_text(out, "path", name_of(run->path));
    put_text(out, "machine", machine);
    put_context(out, run);
    put_metrics(out);
    int error = put_cells(out, run);
    fputs(",\n\"show\":", out);
    view.format = &format_json;
    if (error == 0)
        error = report_run(out, run, &view, &options);
    if (error == 0)
        error = put_claims(out, page_run, &view);
    fputc('}', out);
    return error;
}
