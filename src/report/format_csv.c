/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180 with plain line feeds: values in full precision, an empty field for what is not there.
 */
#include "format.h"
#include "table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_text(FILE *out, const char *text, size_t length)
{
    int quoted = 0;

    for (size_t i = 0; i < length; i++)
        quoted |= text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (quoted)
        fputc('"', out);
    for (size_t i = 0; i < length; i++)
        fprintf(out, "%s%c", text[i] == '"' ? "\"" : "", text[i] == FORMAT_GLUE[0] ? ' ' : text[i]);
    if (quoted)
        fputc('"', out);
}

static void put_number(FILE *out, double number)
{
    if (isfinite(number))
        fprintf(out, "%.10g", number);
}

static void put_cell(FILE *out, const struct column *column, const struct table_cell *cell)
{
    const struct datum *datum = &cell->datum;

    switch (datum->kind) {
    case DATUM_TEXT:
        if (datum->text.text != NULL)
            put_text(out, datum->text.text, datum->text.length);
        break;
    case DATUM_NUMBER:
        put_number(out, datum->number);
        break;
    case DATUM_COUNT:
        fprintf(out, "%llu", (unsigned long long)datum->count);
        break;
    case DATUM_INTEGER:
        fprintf(out, "%lld", (long long)datum->integer);
        break;
    case DATUM_INTERVAL:
        put_number(out, datum->interval.estimate);
        fputc(',', out);
        put_number(out, datum->interval.low);
        fputc(',', out);
        put_number(out, datum->interval.high);
        break;
    case DATUM_NONE:
        /* As many fields as its heading has. */
        for (const char *comma = column->csv; (comma = strchr(comma, ',')) != NULL; comma++)
            fputc(',', out);
        __attribute__((fallthrough));
    case DATUM_MEMBERS:
        if (cell->words != NULL)
            put_text(out, cell->words, strlen(cell->words));
        break;
    }
}

static char *heading_of(const struct table *table)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const char *comma = "";

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < table->columns; i++, comma = ",")
        fprintf(out, "%s%s", comma, table->column[i].csv);
    return fclose(out) == 0 ? text : NULL;
}

static void put_table(struct document *document, const struct table *table)
{
    FILE *out = document->out;
    char *heading = heading_of(table);

    if (heading == NULL) {
        document->error = -ENOMEM;
        return;
    }
    if (document->csv_heading == NULL || strcmp(document->csv_heading, heading) != 0)
        fprintf(out, "%s\n", heading);
    free(document->csv_heading);
    document->csv_heading = heading;
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t i = 0; i < table->columns; i++) {
            if (i > 0)
                fputc(',', out);
            put_cell(out, &table->column[i], &table->cell[row * table->columns + i]);
        }
        fputc('\n', out);
    }
}

const struct format format_csv = {
    .name = "csv",
    .table = put_table,
};
