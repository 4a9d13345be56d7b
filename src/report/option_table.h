/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a program or a sub-command: a table that is read, and that the help is made of. */
#ifndef BENCH_MMAP_REPORT_OPTION_TABLE_H
#define BENCH_MMAP_REPORT_OPTION_TABLE_H

#include "src/base/nearest.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { OPTION_LIST_MAX = 64 };

struct option_list {
    size_t count;
    char *items[OPTION_LIST_MAX + 1]; /* NULL-terminated; they point into argv */
};

struct option_row;

/* What an option takes, and what becomes of it. */
struct option_kind {
    /* `value` is the member of the struct that is filled; the text may be changed. Says what is
     * wrong; 0 or -EINVAL. NULL: a flag, which takes no value and sets an int to 1. */
    int (*take)(const char *prefix, const struct option_row *row, char *text, void *value);
    const char *normally; /* read before the words, and shown in the help; a copy is given, which
                           * does not stay; NULL: nothing */
    const char *const *words; /* of option_take_word(): NULL-terminated */
    uint64_t least, most;     /* of option_take_count(); both 0: any number */
    void (*print_more)(void); /* lines of help below the row's own; NULL: none */
};

extern const struct option_kind option_flag, option_text, option_size, option_count, option_words;
#define OPTION_FLAG &option_flag   /* int */
#define OPTION_TEXT &option_text   /* const char * */
#define OPTION_BYTES &option_size  /* uint64_t, "4K" */
#define OPTION_COUNT &option_count /* uint64_t */
#define OPTION_LIST &option_words  /* struct option_list, repeated or separated by commas */

struct option_row {
    const char *name;     /* "--chunk" */
    const char *argument; /* "SIZE", NULL for a flag */
    const struct option_kind *kind;
    size_t offset; /* of the value in the struct that is filled */
    const char *help;
};

/* For kinds of one's own: the place among the kind's words, an int; a size of at least one byte and
 * a number within the kind's bounds, both a uint64_t. */
int option_take_word(const char *prefix, const struct option_row *row, char *text, void *value);
int option_take_size(const char *prefix, const struct option_row *row, char *text, void *value);
int option_take_count(const char *prefix, const struct option_row *row, char *text, void *value);

struct option_table {
    const char *prefix; /* of every sentence on stderr: "bench_results show" */
    const struct option_row *rows;
    size_t count;
};

/* Puts in what the rows normally are. -EINVAL, -ENOMEM: after a sentence. */
int option_table_begin(const struct option_table *table, void *values);

/* Reads argv[*at] where it is one of the rows; --name=value and --name value are the same, and *at
 * moves on by a value in a word of its own. It changes argv's strings where a list is cut.
 * 1: read. 0: no row has this name. -EINVAL: after a sentence. */
int option_table_take(const struct option_table *table, int argc, char **argv, int *at,
                      void *values);

/* The words of `text` behind `lead` and `left` columns, in lines of at most HELP_WIDTH columns. */
enum { HELP_WIDTH = 80 };
void option_help_fold(FILE *out, const char *lead, int left, const char *text);

/* Each row: its form in `left` columns, then its help. */
void option_table_print(const struct option_table *table, int left);

/* "is --chunks meant? "; "" where no name is near. */
enum { OPTION_MEANT = 80 };
const char *option_meant(const struct nearest *nearest, char text[OPTION_MEANT]);
/* Tries the names of the rows. */
void option_table_try(const struct option_table *table, struct nearest *nearest);

/* "PREFIX: SENTENCE" on stderr; returns -EINVAL. */
int option_complain(const char *prefix, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says that the text is none of the names (NULL-terminated); returns -EINVAL. */
int option_complain_of_name(const char *prefix, const char *name, const char *text,
                            const char *const *names);

#endif
