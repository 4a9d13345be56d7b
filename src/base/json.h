/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pull reader for JSON text in memory: the caller asks for what it expects, and nothing is built.
 * Strings are decoded where they stand: the text is changed, and must live as long as they do.
 *
 * Why not a tree: on a run of 50,000 samples (58 MB) jansson's json_load_file takes 1.4 s and
 * json_loadb 1.0 s, which alone is more than `show` may take for everything. This reader looks at
 * each byte once or twice and allocates nothing. It also accepts the bare words NaN and Infinity,
 * which Google Benchmark writes for such counters and strict readers refuse.
 *
 * Every function returns 0 (or what it says) or -errno; after an error the reader stays in error:
 * -EBADMSG not JSON or cut off, -EILSEQ a string that is not UTF-8, -E2BIG nested deeper than
 * JSON_DEPTH_MAX.
 */
#ifndef BENCH_MMAP_BASE_JSON_H
#define BENCH_MMAP_BASE_JSON_H

#include <stddef.h>
#include <stdio.h>

enum { JSON_DEPTH_MAX = 200 };

struct json {
    char *at;          /* next byte */
    const char *start; /* first byte: for line and column */
    const char *end;   /* must point at a NUL byte */
    const char *what;  /* why it failed: a phrase, static */
    int error;         /* 0 or -errno */
    int depth;
    int first; /* the container was just entered: no comma is due */
};

/* text[length] must be readable and NUL. */
void json_open(struct json *json, char *text, size_t length);

/* The first character of the next value ('{', '[', '"', '-', 't', ...), or 0 at the end. */
int json_peek(struct json *json);

int json_enter(struct json *json, char bracket); /* '{' or '[' */

/* 1 and the key (NUL-terminated), 0 when the object ended. */
int json_next_key(struct json *json, const char **key);

/* 1 when another element follows, 0 when the array ended. */
int json_next_element(struct json *json);

/* Escapes decoded, control characters and U+0000 replaced by '?', so that text from a file cannot
 * steer a terminal. */
int json_string(struct json *json, const char **text);

int json_number(struct json *json, double *value); /* out of range: infinity */
int json_boolean(struct json *json, int *value);

/* Any value, checked and passed over. */
int json_skip(struct json *json);

/* Nothing but white space is left. */
int json_finish(struct json *json);

/* Where the reader stands, both from 1. */
void json_place(const struct json *json, size_t *line, size_t *column);

/* The text as a JSON string. Errors are the FILE's: look at ferror() at the end. */
void json_write(FILE *out, const char *text, size_t length);

#endif
