/* SPDX-License-Identifier: Apache-2.0 */
/* Everything, for programs: full names and precision, null for what is not known. */
#include "document.h"
#include "figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing is written before the first member: what fails before that leaves no half of a file. */
static void open_document(struct document *document)
{
    if (document->json.depth == 0)
        json_write_open(&document->json, NULL, '{');
}

static void open_container(struct document *document, const char *key, char bracket)
{
    open_document(document);
    json_write_open(&document->json, key, bracket);
}

static void close_container(struct document *document, char bracket)
{
    if (document->json.depth > 0)
        json_write_close(&document->json, bracket);
}

/* "since{}" and "steps[]" are an object and a list that the datum writes. */
static void put_members(struct document *document, const char *key, const struct datum *datum)
{
    size_t length = strlen(key) - 2;
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)length, key);
    json_write_open(&document->json, name, key[length]);
    datum->members(document, datum->subject);
    json_write_close(&document->json, key[length + 1]);
}

/* A sentence may hold the glue between a number and its unit. */
static void put_text(struct document *document, const char *key, struct span text)
{
    char *copy = NULL;

    if (text.text != NULL && memchr(text.text, FIGURE_GLUE[0], text.length) != NULL)
        text.text = copy = document_loosen(strndup(text.text, text.length));
    json_write_span(&document->json, key, text);
    free(copy);
}

static void put_member(struct document *document, const char *key, const struct datum *datum)
{
    struct json_write *json = &document->json;

    open_document(document);
    switch (datum->kind) {
    case DATUM_NONE:
        break;
    case DATUM_TEXT:
        put_text(document, key, datum->text);
        break;
    case DATUM_NUMBER:
        json_write_number(json, key, datum->number);
        break;
    case DATUM_COUNT:
        json_write_count(json, key, datum->count);
        break;
    case DATUM_INTEGER:
        json_write_integer(json, key, datum->integer);
        break;
    case DATUM_INTERVAL:
        json_write_interval(json, key, datum->interval);
        break;
    case DATUM_MEMBERS:
        put_members(document, key, datum);
        break;
    }
}

const struct format format_json = {
    .name = "json",
    .open = open_container,
    .close = close_container,
    .member = put_member,
};
