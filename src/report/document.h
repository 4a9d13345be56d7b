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

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* How a reader wants it. */
enum { VIEW_WIDTH = 100 };

struct view {
    const struct format *format;
    int width;  /* columns, at least 40; 0: 100 */
    int colour; /* ANSI colours; they never carry meaning alone */
    int ascii;  /* nothing else */
};

/* What a user gets who asks for nothing: text, 100 columns, ASCII, no colour. */
struct view view_default(void);

/* The same with what suits a stream: a terminal's width (else COLUMNS, else 80), colour on a
 * terminal unless NO_COLOR is set, Unicode where the locale is UTF-8: the program has called
 * setlocale(LC_CTYPE, ""). */
struct view view_for(FILE *out);

/* Whether a line can be written over again and again there: on a terminal that is not dumb. */
int view_has_line(FILE *out);
/* Writes over it, in ASCII, cut to the width that the terminal has now, so that it never wraps; ""
 * takes it away. */
void view_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

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
int document_finish(struct document *document); /* 0 or -errno, of writing to out, too */

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
    const char *words; /* in a table: what readers get instead; NULL: as the column says */
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

#define DATUM_MAKER(kind_, member, type)                                                           \
    static inline struct datum datum_##member(type member)                                         \
    {                                                                                              \
        return (struct datum){.kind = kind_, .member = member};                                    \
    }
DATUM_MAKER(DATUM_TEXT, text, struct span)
DATUM_MAKER(DATUM_NUMBER, number, double)
DATUM_MAKER(DATUM_COUNT, count, uint64_t)
DATUM_MAKER(DATUM_INTEGER, integer, int64_t)
DATUM_MAKER(DATUM_INTERVAL, interval, struct interval)

static inline struct datum datum_string(const char *text)
{
    return datum_text((struct span){text, text == NULL ? 0 : strlen(text)});
}
static inline struct datum datum_itself(struct datum datum) { return datum; }
static inline struct datum datum_shown(struct datum datum, const char *words)
{
    datum.words = words;
    return datum;
}

/* The datum of a value, by its type. */
#define DATUM(value)                                                                               \
    _Generic((value), double                                                                       \
             : datum_number, struct interval                                                       \
             : datum_interval, struct span                                                         \
             : datum_text, char *                                                                  \
             : datum_string, const char *                                                          \
             : datum_string, void *                                                                \
             : datum_string, int                                                                   \
             : datum_integer, long                                                                 \
             : datum_integer, long long                                                            \
             : datum_integer, struct datum                                                         \
             : datum_itself, default                                                               \
             : datum_count)(value)

/* What stands where a value may stand: nothing; a value only where it is there; a value with the
 * words for readers; such words alone; what a function writes of a subject, which must live until
 * it is written. */
#define NOTHING ((struct datum){.kind = DATUM_NONE})
#define PERHAPS(there, value) ((there) ? DATUM(value) : NOTHING)
#define SHOWN(value, words) datum_shown(DATUM(value), words)
#define WORDS(words) datum_shown(NOTHING, words)
#define MEMBERS(of, about)                                                                         \
    ((struct datum){.kind = DATUM_MEMBERS, .members = (of), .subject = (about)})

/* The data of up to 16 values, with commas between them; how many they are. */
#define DATA(...) DATA_CALL(DATA_COUNT(__VA_ARGS__), __VA_ARGS__)
#define DATA_COUNT(...)                                                                            \
    DATA_17TH(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define DATA_17TH(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, count, ...) count
#define DATA_CALL(count, ...) DATA_PASTE(count)(__VA_ARGS__)
#define DATA_PASTE(count) DATA_##count
#define DATA_1(a) DATUM(a)
#define DATA_2(a, ...) DATUM(a), DATA_1(__VA_ARGS__)
#define DATA_3(a, ...) DATUM(a), DATA_2(__VA_ARGS__)
#define DATA_4(a, ...) DATUM(a), DATA_3(__VA_ARGS__)
#define DATA_5(a, ...) DATUM(a), DATA_4(__VA_ARGS__)
#define DATA_6(a, ...) DATUM(a), DATA_5(__VA_ARGS__)
#define DATA_7(a, ...) DATUM(a), DATA_6(__VA_ARGS__)
#define DATA_8(a, ...) DATUM(a), DATA_7(__VA_ARGS__)
#define DATA_9(a, ...) DATUM(a), DATA_8(__VA_ARGS__)
#define DATA_10(a, ...) DATUM(a), DATA_9(__VA_ARGS__)
#define DATA_11(a, ...) DATUM(a), DATA_10(__VA_ARGS__)
#define DATA_12(a, ...) DATUM(a), DATA_11(__VA_ARGS__)
#define DATA_13(a, ...) DATUM(a), DATA_12(__VA_ARGS__)
#define DATA_14(a, ...) DATUM(a), DATA_13(__VA_ARGS__)
#define DATA_15(a, ...) DATUM(a), DATA_14(__VA_ARGS__)
#define DATA_16(a, ...) DATUM(a), DATA_15(__VA_ARGS__)

/* Members: their keys and their values in turn. */
#define document_put(document, ...)                                                                \
    document_members(document, (struct datum[]){DATA(__VA_ARGS__)}, DATA_COUNT(__VA_ARGS__))
void document_members(struct document *document, const struct datum *data, size_t count);
/* The same as an object of their own. */
#define document_object(document, key, ...)                                                        \
    (document_open(document, key, '{'), document_put(document, __VA_ARGS__),                       \
     document_close(document, '}'))
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
/* A number in full precision; 0 where it writes nothing, for there is no finite number. */
int datum_write(const struct datum *datum, FILE *out);
void document_gap(struct document *document); /* the blank line between blocks */
int document_text_width(const char *text);    /* columns: code points */

#endif
