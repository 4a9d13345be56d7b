/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON as it comes, indented by two. Errors are the FILE's: look at ferror at the end. */
#ifndef BENCH_MMAP_BASE_JSON_WRITE_H
#define BENCH_MMAP_BASE_JSON_WRITE_H

#include "interval.h"
#include "span.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_write {
    FILE *out;
    int depth;
    int begun; /* the container has a member */
};

/* key is NULL inside a list and at the top. */
void json_write_open(struct json_write *json, const char *key, char bracket);
void json_write_close(struct json_write *json, char bracket);
void json_write_number(struct json_write *json, const char *key,
                       double value); /* null: not finite */
void json_write_count(struct json_write *json, const char *key, uint64_t value);
void json_write_integer(struct json_write *json, const char *key, int64_t value);
void json_write_text(struct json_write *json, const char *key, const char *text); /* NULL: null */
void json_write_span(struct json_write *json, const char *key, struct span span);
void json_write_interval(struct json_write *json, const char *key, struct interval interval);

#endif
