/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said, once for all formats. A document is written from top to bottom: headings,
 * paragraphs and notes for readers, members (a key and a value) for programs, tables for both. Each
 * format shows what it is for and passes over the rest.
 *
 * Errors stick: they are looked at once, with document_finish(), and everything in between may be
 * called regardless.
 */
#ifndef BENCH_MMAP_REPORT_DOCUMENT_H
#define BENCH_MMAP_REPORT_DOCUMENT_H

#include "src/base/arena.h"
#include "src/base/interval.h"
#include "src/base/span.h"

#include "view.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

struct document {
    FILE *out;
    const struct view *view;
    int error;
    int begun;               /* something was written: a blank line is due before the next block */
    int after_table;         /* in Markdown a line right below a table would be one of its rows */
    const char *csv_heading; /* the last one written; NULL: none */
    struct arena arena;      /* what is said lives as long as the document */
    struct json_state {
        int depth;
        int begun; /* the container has a member */
    } json;
};

/* For programs all members are those of one object, which need not be opened or closed. */
struct document document_begin(FILE *out, const struct view *view);
int document_finish(struct document *document); /* 0 or -errno; -EIO when out is in error */

/* A text that lives until document_finish(); "" when memory is short, and then the error is set. */
const char *document_say(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of a text that is freed; NULL: memory was short. */
const char *document_own(struct document *document, char *text);
/* An array of zeros that lives as long; NULL when memory is short, and then the error is set. */
void *document_take(struct document *document, size_t count, size_t size);

/* For readers. */

/* Only where this is true do headings, paragraphs and notes show: what is costly to word may ask.
 */
int document_has_readers(const struct document *document);
/* CSV: what stands in none of its tables need not be computed. */
int document_has_only_tables(const struct document *document);

#define document_heading(document, ...)                                                            \
    document_put_heading(document, document_say(document, __VA_ARGS__))
void document_put_heading(struct document *document, const char *text);
/* Wrapped to the width; `lead` stands before the first line, the others are indented as far. */
#define document_paragraph(document, lead, ...)                                                    \
    document_put_paragraph(document, 1, lead, document_say(document, __VA_ARGS__))
/* A paragraph directly below the block before it. */
#define document_note(document, lead, ...)                                                         \
    document_put_paragraph(document, 0, lead, document_say(document, __VA_ARGS__))
/* "COUNT WHAT; --all shows them."; nothing where the count is 0. */
void document_folded(struct document *document, size_t count, const char *what);
void document_put_paragraph(struct document *document, int has_gap, const char *lead,
                            const char *text);

/* For programs. A key is NULL inside a list and for the outermost object. */

/* An object '{' or a list '['. */
void document_open(struct document *document, const char *key, char bracket);
void document_close(struct document *document, char bracket);

struct datum {
    enum datum_kind {
        DATUM_NONE, /* not there: no member, an empty field */
        DATUM_TEXT, /* text NULL: null */
        DATUM_NUMBER,
        DATUM_COUNT,
        DATUM_INTEGER,
        DATUM_INTERVAL,
        DATUM_MEMBERS, /* what `members` writes, as an object; of a key ending in "[]", a list */
    } kind;
    union {
        struct span text;
        double number;
        uint64_t count;
        int64_t integer;
        struct interval interval;
        struct {
            void (*members)(struct document *document, const void *subject);
            const void *subject;
        };
    };
};

static inline struct datum datum_span(struct span text)
{
    return (struct datum){.kind = DATUM_TEXT, .text = text};
}
static inline struct datum datum_text(const char *text)
{
    return datum_span((struct span){text, text == NULL ? 0 : strlen(text)});
}
static inline struct datum datum_number(double number)
{
    return (struct datum){.kind = DATUM_NUMBER, .number = number};
}
static inline struct datum datum_count(uint64_t count)
{
    return (struct datum){.kind = DATUM_COUNT, .count = count};
}
static inline struct datum datum_integer(int64_t integer)
{
    return (struct datum){.kind = DATUM_INTEGER, .integer = integer};
}
static inline struct datum datum_interval(struct interval interval)
{
    return (struct datum){.kind = DATUM_INTERVAL, .interval = interval};
}

/* The datum of a value, by its type. */
#define DATUM(value)                                                                               \
    _Generic((value), double                                                                       \
             : datum_number, struct interval                                                       \
             : datum_interval, struct span                                                         \
             : datum_span, char *                                                                  \
             : datum_text, const char *                                                            \
             : datum_text, int                                                                     \
             : datum_integer, long                                                                 \
             : datum_integer, long long                                                            \
             : datum_integer, default                                                              \
             : datum_count)(value)

#define document_put(document, key, value) document_member(document, key, DATUM(value))
void document_member(struct document *document, const char *key, struct datum datum);
void document_texts(struct document *document, const char *key, char *const *texts, size_t count);

/* What a format is. NULL: it shows nothing of that kind. */
struct table;
struct format {
    const char *name;
    void (*heading)(struct document *document, char *text);
    void (*paragraph)(struct document *document, const char *lead, char *text);
    void (*table)(struct document *document, const struct table *table);
    void (*open)(struct document *document, const char *key, char bracket);
    void (*close)(struct document *document, char bracket);
    void (*member)(struct document *document, const char *key, const struct datum *datum);
};

#define FORMAT(name) extern const struct format format_##name;
#include "formats.def"
#undef FORMAT

/* The n-th of formats.def; NULL beyond the end. */
const struct format *format_at(size_t n);
const struct format *format_find(const char *name);

/* For the formats. */

/* A copy as readers get it, in ASCII where the view asks for it. It lives as long as the document;
 * NULL, with the document's error set: no memory. */
char *document_text_for_readers(struct document *document, const char *text);
/* Puts blanks for the glue that keeps a number and its unit on one line. In place; NULL is fine. */
char *document_loosen(char *text);
void document_gap(struct document *document); /* the blank line between blocks */
int document_text_width(const char *text);    /* columns: code points */

#endif
