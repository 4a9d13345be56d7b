/* SPDX-License-Identifier: Apache-2.0 */
#include "option_table.h"

#include "src/base/number.h"
#include "src/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int option_complain(const char *prefix, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", prefix);
    va_start(arguments, format);
    utf8_vprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return -EINVAL;
}

int option_complain_of_name(const char *prefix, const char *name, const char *text,
                            const char *const *names)
{
    char list[400] = "";
    size_t used = 0;

    for (size_t i = 0; names[i] != NULL && used < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    return option_complain(prefix, "%s=%s: not known; one of %s", name, text, list);
}

int option_take_size(const char *prefix, const struct option_row *row, char *text, void *value)
{
    int error = number_parse_bytes(text, value);

    if (error == -ERANGE)
        return option_complain(prefix, "%s=%s: too large; at most 8388607T", row->name, text);
    if (error != 0)
        return option_complain(prefix, "%s=%s: not a size; give bytes, or 4K, 10M, 1G", row->name,
                               text);
    if (*(uint64_t *)value == 0)
        return option_complain(prefix, "%s=%s: no size; give at least 1", row->name, text);
    return 0;
}

int option_take_word(const char *prefix, const struct option_row *row, char *text, void *value)
{
    const char *const *words = row->kind->words;

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *(int *)value = i;
            return 0;
        }
    }
    return option_complain_of_name(prefix, row->name, text, words);
}

static int take_text(const char *prefix, const struct option_row *row, char *text, void *value)
{
    (void)prefix, (void)row;
    *(const char **)value = text;
    return 0;
}

int option_take_count(const char *prefix, const struct option_row *row, char *text, void *value)
{
    unsigned long long least = row->kind->least, most = row->kind->most;
    char *after;

    errno = 0;
    uint64_t count = strtoull(text, &after, 10);
    if (*text < '0' || *text > '9' || *after != '\0' || errno != 0)
        return option_complain(prefix, "%s=%s: not a whole number", row->name, text);
    if (most > 0 && (count < least || count > most))
        return option_complain(prefix, "%s=%s: give a number from %llu to %llu", row->name, text,
                               least, most);
    *(uint64_t *)value = count;
    return 0;
}

static int take_list(const char *prefix, const struct option_row *row, char *text, void *value)
{
    struct option_list *list = value;
    char *rest = NULL;

    for (char *word = strtok_r(text, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (list->count == OPTION_LIST_MAX)
            return option_complain(prefix, "%s: more than %d values", row->name, OPTION_LIST_MAX);
        list->items[list->count++] = word;
    }
    return 0;
}

const struct option_kind option_flag = {.take = NULL};
const struct option_kind option_text = {.take = take_text};
const struct option_kind option_size = {.take = option_take_size};
const struct option_kind option_count = {.take = option_take_count};
const struct option_kind option_words = {.take = take_list};

static void *member(const struct option_row *row, void *values)
{
    return (char *)values + row->offset;
}

int option_table_begin(const struct option_table *table, void *values)
{
    int error = 0;

    for (size_t i = 0; error == 0 && i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        char *text;

        if (row->kind->normally == NULL)
            continue;
        text = strdup(row->kind->normally);
        if (text == NULL)
            return option_complain(table->prefix, "not enough memory");
        error = row->kind->take(table->prefix, row, text, member(row, values));
        free(text);
    }
    return error;
}

static const struct option_row *find(const struct option_table *table, const char *word,
                                     size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        if (strlen(row->name) == length && memcmp(row->name, word, length) == 0)
            return row;
    }
    return NULL;
}

int option_table_take(const struct option_table *table, int argc, char **argv, int *at,
                      void *values)
{
    char *word = argv[*at], *text = strchr(word, '=');
    const struct option_row *row =
        find(table, word, text != NULL ? (size_t)(text - word) : strlen(word));
    int error;

    if (row == NULL)
        return 0;
    if (text != NULL)
        text++;
    if (row->kind->take == NULL) {
        if (text != NULL)
            return option_complain(table->prefix, "%s: it takes no value", word);
        *(int *)member(row, values) = 1;
        return 1;
    }
    if (text == NULL && *at + 1 >= argc)
        return option_complain(table->prefix, "%s: the value is missing; write %s=%s", row->name,
                               row->name, row->argument);
    if (text == NULL)
        text = argv[++*at];
    error = row->kind->take(table->prefix, row, text, member(row, values));
    return error != 0 ? error : 1;
}

void option_help_fold(FILE *out, const char *lead, int left, const char *text)
{
    int at = fprintf(out, "%-*s", left, lead);

    while (*(text += strspn(text, " \n")) != '\0') {
        int word = (int)strcspn(text, " \n");
        if (at > left && at + 1 + word > HELP_WIDTH)
            at = fprintf(out, "\n%*s", left, "") - 1;
        else if (at > left)
            at += fprintf(out, " ");
        at += fprintf(out, "%.*s", word, text);
        text += word;
    }
    putc('\n', out);
}

void option_table_print(const struct option_table *table, int left)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        char form[64], help[300];

        snprintf(form, sizeof form, "  %s%s%s", row->name, row->argument != NULL ? "=" : "",
                 row->argument != NULL ? row->argument : "");
        if (row->kind->normally != NULL)
            snprintf(help, sizeof help, "%s [%s]", row->help, row->kind->normally);
        option_help_fold(stdout, form, left + 3, row->kind->normally != NULL ? help : row->help);
        if (row->kind->print_more != NULL)
            row->kind->print_more();
    }
}

const char *option_meant(const struct nearest *nearest, char text[OPTION_MEANT])
{
    text[0] = '\0';
    if (nearest->name != NULL)
        snprintf(text, OPTION_MEANT, "is %s meant? ", nearest->name);
    return text;
}

void option_table_try(const struct option_table *table, struct nearest *nearest)
{
    for (size_t i = 0; i < table->count; i++)
        nearest_try(nearest, table->rows[i].name);
}
