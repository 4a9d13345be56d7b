/* SPDX-License-Identifier: Apache-2.0 */
#include "json_write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_quoted(FILE *out, const char *text, size_t length)
{
    fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void begin_member(struct json_write *json, const char *key)
{
    if (json->begun)
        fputc(',', json->out);
    if (json->depth > 0)
        fprintf(json->out, "\n%*s", 2 * json->depth, "");
    json->begun = 1;
    if (key != NULL) {
        put_quoted(json->out, key, strlen(key));
        fputs(": ", json->out);
    }
}

void json_write_open(struct json_write *json, const char *key, char bracket)
{
    begin_member(json, key);
    fputc(bracket, json->out);
    json->depth++;
    json->begun = 0;
}

void json_write_close(struct json_write *json, char bracket)
{
    json->depth--;
    if (json->begun)
        fprintf(json->out, "\n%*s", 2 * json->depth, "");
    fputc(bracket, json->out);
    json->begun = 1;
    if (json->depth == 0)
        fputc('\n', json->out);
}

void json_write_number(struct json_write *json, const char *key, double value)
{
    begin_member(json, key);
    if (isfinite(value))
        fprintf(json->out, "%.10g", value);
    else
        fputs("null", json->out);
}

void json_write_count(struct json_write *json, const char *key, uint64_t value)
{
    begin_member(json, key);
    fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_write_integer(struct json_write *json, const char *key, int64_t value)
{
    begin_member(json, key);
    fprintf(json->out, "%lld", (long long)value);
}

void json_write_span(struct json_write *json, const char *key, struct span span)
{
    begin_member(json, key);
    if (span.text == NULL)
        fputs("null", json->out);
    else
        put_quoted(json->out, span.text, span.length);
}

void json_write_text(struct json_write *json, const char *key, const char *text)
{
    json_write_span(json, key, (struct span){text, text == NULL ? 0 : strlen(text)});
}

void json_write_interval(struct json_write *json, const char *key, struct interval interval)
{
    json_write_open(json, key, '{');
    json_write_number(json, "estimate", interval.estimate);
    json_write_number(json, "low", interval.low);
    json_write_number(json, "high", interval.high);
    json_write_close(json, '}');
}
