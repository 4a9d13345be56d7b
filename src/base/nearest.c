/* SPDX-License-Identifier: Apache-2.0 */
#include "nearest.h"

#include <string.h>

enum { LETTERS_MOST = 60 };

/* Levenshtein's: letters to add, to take away and to replace. Longer words are like nothing. */
static size_t distance_of(const char *a, const char *b)
{
    size_t row[LETTERS_MOST + 1], rows = strlen(a), columns = strlen(b);

    if (rows > LETTERS_MOST || columns > LETTERS_MOST)
        return LETTERS_MOST;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t above = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replaced = above + (a[i - 1] != b[j - 1]);
            size_t changed = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            above = row[j];
            row[j] = replaced < changed ? replaced : changed;
        }
    }
    return row[columns];
}

void nearest_begin(struct nearest *nearest, const char *word)
{
    size_t letters = strlen(word);

    *nearest = (struct nearest){.word = word, .distance = letters < 3 ? letters : 3};
}

void nearest_try(struct nearest *nearest, const char *name)
{
    size_t distance = distance_of(nearest->word, name);

    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = name;
    }
}
