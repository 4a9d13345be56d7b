/* SPDX-License-Identifier: Apache-2.0 */
/* Everything, for programs: full names and precision, null for what is not known. Indented by two.
 */
#include "src/base/json.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>

static void begin_member(struct document *document, const char *key)
{
    struct json_state *json = &document->json;

    if (json->begun)
        fputc(',', document->out);
    if (json->depth > 0)
        fprintf(document->out, "\n%*s", 2 * json->depth, "");
    json->begun = 1;
    if (key != NULL) {
        json_write(document->out, key, strlen(key));
        fputs(": ", document->out);
    }
}

static void put_open(struct document *document, const char *key, char bracket)
{
    begin_member(document, key);
    fputc(bracket, document->out);
    document->json.depth++;
    document->json.begun = 0;
}

/* Nothing is written before the first member: what fails before that leaves no half of a file. */
static void begin_document(struct document *document)
{
    if (document->json.depth == 0)
        put_open(document, NULL, '{');
}

static void open_container(struct document *document, const char *key, char bracket)
{
    begin_document(document);
    put_open(document, key, bracket);
}

static void close_container(struct document *document, char bracket)
{
    struct json_state *json = &document->json;

    if (json->depth == 0)
        return;
    json->depth--;
    if (json->begun)
        fprintf(document->out, "\n%*s", 2 * json->depth, "");
    fprintf(document->out, json->depth == 0 ? "%c\n" : "%c", bracket);
    json->begun = 1;
}

/* "since{}" and "steps[]" are an object and a list that the datum writes; "{}" is one in a list. */
static void put_members(struct document *document, const char *key, const struct datum *datum)
{
    size_t length = strlen(key) - 2;

    put_open(document, length > 0 ? document_say(document, "%.*s", (int)length, key) : NULL,
             key[length]);
    datum->members(document, datum->subject);
    close_container(document, key[length + 1]);
}

/* A sentence may hold the glue between a number and its unit. */
static void put_text(struct document *document, struct span text)
{
    char *copy = strndup(text.text, text.length);

    if (copy != NULL)
        json_write(document->out, document_loosen(copy), text.length);
    else
        document->error = -ENOMEM;
    free(copy);
}

static void put_value(struct document *document, const struct datum *datum)
{
    if (datum->kind == DATUM_TEXT && datum->text.text != NULL)
        put_text(document, datum->text);
    else if (datum_write(datum, document->out) == 0)
        fputs("null", document->out);
}

static void put_member(struct document *document, const char *key, const struct datum *datum)
{
    begin_document(document);
    if (datum->kind == DATUM_MEMBERS) {
        put_members(document, key, datum);
    } else if (datum->kind == DATUM_INTERVAL) {
        put_open(document, key, '{');
        document_put(document, "estimate", datum->interval.estimate, "low", datum->interval.low,
                     "high", datum->interval.high);
        close_container(document, '}');
    } else if (datum->kind != DATUM_NONE) {
        begin_member(document, key);
        put_value(document, datum);
    }
}

static void put_table(struct document *document, const struct table *table)
{
    const struct table_cell *cell = table->cell;

    if (table->key == NULL)
        return;
    document_open(document, table->key, '[');
    for (size_t row = 0; row < table->rows; row++) {
        document_open(document, NULL, '{');
        for (size_t i = 0; i < table->columns; i++)
            document_member(document, table->column[i].key, (cell++)->datum);
        document_close(document, '}');
    }
    document_close(document, ']');
}

const struct format format_json = {
    .name = "json",
    .table = put_table,
    .open = open_container,
    .close = close_container,
    .member = put_member,
};
