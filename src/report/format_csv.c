/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180 with plain line feeds: values in full precision, an empty field for what is not there. A
 * table whose columns stand in the last heading goes on below it. */
#include "table.h"

static void put_text(FILE *out, const char *text, size_t length)
{
    int quoted = 0;

    for (size_t i = 0; i < length; i++)
        quoted |= text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (quoted)
        fputc('"', out);
    for (size_t i = 0; i < length; i++)
        fprintf(out, "%s%c", text[i] == '"' ? "\"" : "", text[i] == FIGURE_GLUE[0] ? ' ' : text[i]);
    if (quoted)
        fputc('"', out);
}

static void put_cell(FILE *out, const struct column *column, const struct datum *datum)
{
    if (datum->kind == DATUM_TEXT && datum->text.text != NULL) {
        put_text(out, datum->text.text, datum->text.length);
    } else if (datum->kind == DATUM_INTERVAL) {
        const struct interval *of = &datum->interval;
        const double parts[] = {of->estimate, of->low, of->high};
        for (size_t i = 0; i < 3; i++) {
            const struct datum part = datum_number(parts[i]);
            fputs(i > 0 ? "," : "", out);
            datum_write(&part, out);
        }
    } else if (datum->kind == DATUM_NONE || datum->kind == DATUM_MEMBERS) {
        /* As many fields as its heading has. */
        for (const char *comma = column->csv; (comma = strchr(comma, ',')) != NULL; comma++)
            fputc(',', out);
        if (datum->words != NULL)
            put_text(out, datum->words, strlen(datum->words));
    } else {
        datum_write(datum, out);
    }
}

static const char *heading_of(struct document *document, const struct table *table)
{
    const char *heading = "";

    for (size_t i = 0; i < table->columns; i++)
        heading = document_say(document, "%s%s%s", heading, i > 0 ? "," : "", table->column[i].csv);
    return heading;
}

/* Whether the fields at `text` are those of a column, to their end. */
static int begins_with(const char *text, const char *csv)
{
    size_t length = strlen(csv);
    return strncmp(text, csv, length) == 0 && (text[length] == ',' || text[length] == '\0');
}

/* The columns of the table stand among those of the heading, in their order: rows can go on below
 * it, with empty fields where a column is not theirs. */
static int goes_on_below(const char *heading, const struct table *table)
{
    size_t i = 0;

    while (heading != NULL && i < table->columns && *heading != '\0') {
        size_t length = begins_with(heading, table->column[i].csv) ? strlen(table->column[i++].csv)
                                                                   : strcspn(heading, ",");
        heading += length + (heading[length] == ',');
    }
    return heading != NULL && i == table->columns;
}

static void put_row(FILE *out, const char *heading, const struct table *table, size_t row)
{
    for (size_t i = 0; *heading != '\0';) {
        size_t length = strcspn(heading, ",");
        if (i < table->columns && begins_with(heading, table->column[i].csv)) {
            length = strlen(table->column[i].csv);
            put_cell(out, &table->column[i], &table->cell[row * table->columns + i].datum);
            i++;
        }
        heading += length;
        if (*heading == ',')
            fputc(*heading++, out);
    }
    fputc('\n', out);
}

static void put_table(struct document *document, const struct table *table)
{
    if (!goes_on_below(document->csv_heading, table)) {
        document->csv_heading = heading_of(document, table);
        fprintf(document->out, "%s\n", document->csv_heading);
    }
    for (size_t row = 0; row < table->rows; row++)
        put_row(document->out, document->csv_heading, table, row);
}

const struct format format_csv = {
    .name = "csv",
    .table = put_table,
};
