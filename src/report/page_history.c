/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's history in the data of a page. */
#include "page.h"

#include "history_reports.h"
#include "src/base/json.h"

#include <string.h>

static void put_value(FILE *out, const char *key, const char *value)
{
    fprintf(out, ",\"%s\":", key);
    if (value != NULL)
        json_write(out, value, strlen(value));
    else
        fputs("null", out);
}

/* What else was other than in the run before. */
static void put_changes(FILE *out, const struct history_runs *runs)
{
    size_t count = 0;

    fputs("\"changes\":[", out);
    for (size_t i = 1; i < runs->count; i++)
        for (size_t k = 0; k < context_key_count; k++) {
            const char *before = history_context(&runs->runs[i - 1], context_keys[k].key);
            const char *after = history_context(&runs->runs[i], context_keys[k].key);
            if (before == after || (before != NULL && after != NULL && strcmp(before, after) == 0))
                continue;
            fprintf(out, "%s{\"run\":%zu", count++ > 0 ? ",\n" : "", i);
            put_value(out, "name", context_keys[k].name);
            put_value(out, "before", before);
            put_value(out, "after", after);
            fputc('}', out);
        }
    fputs("],\n\"document\":", out);
}

int page_put_history(FILE *out, const struct cell_histories *histories)
{
    struct view view = view_default();

    view.format = &format_json;
    fputc('{', out);
    put_changes(out, &histories->window.series.runs);
    int error = report_cell_histories(out, histories, &view, 1);
    fputc('}', out);
    return error;
}
