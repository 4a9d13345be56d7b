/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "number.h"
#include "utf8.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int fail(struct json *json, int error, const char *what)
{
    if (json->error == 0) {
        json->error = error;
        json->what = what;
    }
    return json->error;
}

static int unexpected(struct json *json, const char *what)
{
    return fail(json, -EBADMSG, json->at >= json->end ? "the text ends in the middle" : what);
}

void json_open(struct json *json, char *text, size_t length)
{
    *json = (struct json){.at = text, .start = text, .end = text + length, .first = 1};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        json->at += 3; /* a byte order mark, as some editors leave */
}

int json_peek(struct json *json)
{
    if (json->error != 0)
        return 0;
    while (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r')
        json->at++;
    return json->at < json->end ? (unsigned char)*json->at : 0;
}

int json_enter(struct json *json, char bracket)
{
    if (json_peek(json) != bracket)
        return unexpected(json, bracket == '{' ? "an object was expected" : "a list was expected");
    if (json->depth == JSON_DEPTH_MAX)
        return fail(json, -E2BIG, "it is nested too deeply");
    json->at++;
    json->depth++;
    json->first = 1;
    return 0;
}

/* The comma between members, or the closing bracket: 1, 0 or an error. */
static int next_member(struct json *json, char close)
{
    if (json->error != 0)
        return json->error;
    int next = json_peek(json);
    if (next == close) {
        json->at++;
        json->depth--;
        json->first = 0;
        return 0;
    }
    if (!json->first) {
        if (next != ',')
            return unexpected(json, "a comma or a closing bracket was expected");
        json->at++;
    }
    json->first = 0;
    return 1;
}

int json_next_element(struct json *json) { return next_member(json, ']'); }

int json_next_key(struct json *json, const char **key)
{
    int more = next_member(json, '}');
    if (more <= 0)
        return more;
    int error = json_string(json, key);
    if (error != 0)
        return error;
    if (json_peek(json) != ':')
        return unexpected(json, "a colon was expected");
    json->at++;
    return 1;
}

/* Finds the closing quote (json->at is behind the opening one) and checks all between. */
static int scan_string(struct json *json, char **close)
{
    char *p = json->at;
    uint32_t code;

    for (size_t length = 0; *p != '"'; p += length) {
        json->at = p;
        if (p >= json->end)
            return unexpected(json, "");
        if ((unsigned char)*p < 0x20)
            return fail(json, -EBADMSG, "a text holds a bare control character");
        length = (unsigned char)*p < 0x80 ? 1 : utf8_decode(p, &code);
        if (length == 0)
            return fail(json, -EILSEQ, "a text is not UTF-8");
        if (*p == '\\' && p + 1 < json->end && (p[1] == '"' || p[1] == '\\'))
            length = 2;
    }
    *close = p;
    return 0;
}

static int hex4(const char *p, uint32_t *value)
{
    char digits[5] = "";

    if (strspn(p, "0123456789abcdefABCDEF") < 4)
        return -1;
    memcpy(digits, p, 4);
    *value = (uint32_t)strtoul(digits, NULL, 16);
    return 0;
}

static char *put_utf8(char *out, uint32_t code)
{
    static const unsigned char leads[] = {0x00, 0xC0, 0xE0, 0xF0};
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    if (utf8_is_control(code)) {
        *out = '?';
        return out + 1;
    }
    *out++ = (char)(leads[more] | code >> 6 * more);
    while (more-- > 0)
        *out++ = (char)(0x80 | (code >> 6 * more & 0x3F));
    return out;
}

/* One escape at p (behind the backslash); *p moves on. The decoded form is never longer. */
static int put_escape(struct json *json, const char **p, char **out)
{
    char c = *(*p)++;
    uint32_t code, low;

    if (c != '\0' && strchr("\"\\/bfnrt", c) != NULL) {
        *(*out)++ = (char)(c >= 'a' ? '?' : c);
        return 0;
    }
    if (c != 'u' || hex4(*p, &code) != 0)
        return fail(json, -EBADMSG, "a text holds an unknown escape");
    *p += 4;
    if (code >= 0xD800 && code <= 0xDBFF && (*p)[0] == '\\' && (*p)[1] == 'u' &&
        hex4(*p + 2, &low) == 0 && low >= 0xDC00 && low <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        *p += 6;
    } else if (code >= 0xD800 && code <= 0xDFFF) {
        return fail(json, -EILSEQ, "a text holds half a surrogate pair");
    }
    *out = put_utf8(*out, code);
    return 0;
}

int json_string(struct json *json, const char **text)
{
    char *close = NULL;

    if (json_peek(json) != '"')
        return unexpected(json, "a text in quotes was expected");
    char *begin = ++json->at, *out = begin;
    if (scan_string(json, &close) != 0)
        return json->error;
    json->at = begin; /* where a bad escape is reported */
    for (const char *p = begin; p < close;) {
        char c = *p++;
        if (c != '\\')
            *out++ = (char)(c == 0x7F ? '?' : c);
        else if (put_escape(json, &p, &out) != 0)
            return json->error;
    }
    *out = '\0';
    json->at = close + 1;
    *text = begin;
    return 0;
}

static int take_word(struct json *json, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
        return 0;
    json->at += length;
    return 1;
}

int json_number(struct json *json, double *value)
{
    if (json_peek(json) == 0)
        return unexpected(json, "a number was expected");
    char *begin = json->at;
    int negative = take_word(json, "-");
    if (take_word(json, "NaN")) {
        *value = (double)NAN;
        return 0;
    }
    if (take_word(json, "Infinity")) {
        *value = negative ? (double)-INFINITY : (double)INFINITY;
        return 0;
    }
    const char *after = number_scan(begin, value);
    if (after == NULL)
        return unexpected(json, "a number was expected");
    json->at = begin + (after - begin);
    return 0;
}

int json_boolean(struct json *json, int *value)
{
    if (json_peek(json) == 0)
        return unexpected(json, "true or false was expected");
    *value = take_word(json, "true");
    if (!*value && !take_word(json, "false"))
        return unexpected(json, "true or false was expected");
    return 0;
}

/* Recursion is bounded by JSON_DEPTH_MAX, which json_enter keeps. */
int json_skip(struct json *json)
{
    const char *text;
    double number;
    int flag, more;

    switch (json_peek(json)) {
    case '{':
        json_enter(json, '{');
        while ((more = json_next_key(json, &text)) > 0)
            json_skip(json);
        return more < 0 ? more : json->error;
    case '[':
        json_enter(json, '[');
        while ((more = json_next_element(json)) > 0)
            json_skip(json);
        return more < 0 ? more : json->error;
    case '"':
        return json_string(json, &text);
    case 't':
    case 'f':
        return json_boolean(json, &flag);
    case 'n':
        return take_word(json, "null") ? 0 : unexpected(json, "an unknown word");
    default:
        return json_number(json, &number);
    }
}

int json_finish(struct json *json)
{
    if (json->error == 0 && (json_peek(json) != 0 || json->at != json->end))
        return fail(json, -EBADMSG, "something follows the end");
    return json->error;
}

void json_place(const struct json *json, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (const char *p = json->start; p < json->at; p++) {
        ++*column;
        if (*p == '\n') {
            ++*line;
            *column = 1;
        }
    }
}

void json_write(FILE *out, const char *text, size_t length)
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
