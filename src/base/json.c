/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "number.h"

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

void json_open(struct json *json, const char *text, size_t length)
{
    *json = (struct json){.at = text, .start = text, .end = text + length, .first = 1};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        json->at += 3; /* a byte order mark, as some editors leave */
}

void json_close(struct json *json)
{
    free(json->scratch);
    json->scratch = NULL;
}

int json_peek(struct json *json)
{
    while (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r')
        json->at++;
    return json->at < json->end ? (unsigned char)*json->at : 0;
}

int json_enter(struct json *json, char bracket)
{
    if (json->error != 0)
        return json->error;
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

/* The length of the UTF-8 sequence at p, 0 when it is not one (RFC 3629, section 4). The text ends
 * in NUL, which is no continuation byte: reading ahead stops there. */
static size_t utf8_length(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        return (p[1] & 0xC0) == 0x80 ? 2 : 0;
    if ((p[0] & 0xF0) == 0xE0) {
        unsigned low = p[0] == 0xE0 ? 0xA0 : 0x80, high = p[0] == 0xED ? 0x9F : 0xBF;
        return p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        unsigned low = p[0] == 0xF0 ? 0x90 : 0x80, high = p[0] == 0xF4 ? 0x8F : 0xBF;
        if (p[1] < low || p[1] > high || (p[2] & 0xC0) != 0x80)
            return 0;
        return (p[3] & 0xC0) == 0x80 ? 4 : 0;
    }
    return 0;
}

/* Finds the closing quote (json->at is behind the opening one) and checks all between. */
static int scan_string(struct json *json, const char **close)
{
    const char *p = json->at;

    while (*p != '"') {
        if (p >= json->end) {
            json->at = json->end;
            return unexpected(json, "");
        }
        size_t length = utf8_length((const unsigned char *)p);
        if (length == 0) {
            json->at = p;
            return fail(json, -EILSEQ, "a text is not UTF-8");
        }
        if ((unsigned char)*p < 0x20) {
            json->at = p;
            return fail(json, -EBADMSG, "a text holds a bare control character");
        }
        if (*p == '\\' && p + 1 < json->end && (p[1] == '"' || p[1] == '\\'))
            length = 2;
        p += length;
    }
    *close = p;
    return 0;
}

static int hex4(const char *p, unsigned *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];
        unsigned digit;
        if (c >= '0' && c <= '9')
            digit = c - (unsigned)'0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20u) - (unsigned)'a' + 10u;
        else
            return -1;
        *value = *value * 16 + digit;
    }
    return 0;
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0)) {
        *out++ = '?';
    } else if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | (code >> 6));
        *out++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (char)(0xE0 | (code >> 12));
        *out++ = (char)(0x80 | ((code >> 6) & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (char)(0xF0 | (code >> 18));
        *out++ = (char)(0x80 | ((code >> 12) & 0x3F));
        *out++ = (char)(0x80 | ((code >> 6) & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* One escape at p (behind the backslash); *p moves on. The decoded form is never longer. */
static int put_escape(struct json *json, const char **p, char **out)
{
    static const char plain[] = "\"\\/";
    char c = *(*p)++;

    if (c != '\0' && strchr(plain, c) != NULL) {
        *(*out)++ = c;
        return 0;
    }
    if (c != '\0' && strchr("bfnrt", c) != NULL) {
        *(*out)++ = '?';
        return 0;
    }
    unsigned code, low;
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
    const char *close = NULL;

    if (json->error != 0)
        return json->error;
    if (json_peek(json) != '"')
        return unexpected(json, "a text in quotes was expected");
    json->at++;
    if (scan_string(json, &close) != 0)
        return json->error;

    size_t need = (size_t)(close - json->at) + 1;
    if (need > json->scratch_size) {
        char *larger = realloc(json->scratch, need * 2);
        if (larger == NULL)
            return fail(json, -ENOMEM, "memory is short");
        json->scratch = larger;
        json->scratch_size = need * 2;
    }
    char *out = json->scratch;
    for (const char *p = json->at; p < close;) {
        unsigned char c = (unsigned char)*p++;
        if (c == '\\') {
            if (put_escape(json, &p, &out) != 0)
                return json->error;
        } else {
            *out++ = (char)(c == 0x7F ? '?' : c);
        }
    }
    *out = '\0';
    json->at = close + 1;
    *text = json->scratch;
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
    if (json->error != 0)
        return json->error;
    json_peek(json);
    const char *begin = json->at;
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
    json->at = after;
    return 0;
}

int json_boolean(struct json *json, int *value)
{
    if (json->error != 0)
        return json->error;
    json_peek(json);
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

    if (json->error != 0)
        return json->error;
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
    if (json->error == 0 && json_peek(json) != 0)
        return fail(json, -EBADMSG, "something follows the end");
    if (json->error == 0 && json->at != json->end)
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
