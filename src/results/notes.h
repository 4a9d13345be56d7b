/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of sentences that a comparison makes on its way. */
#ifndef RESULTS_NOTES_H
#define RESULTS_NOTES_H

#include <stdarg.h>
#include <stddef.h>

/* Appends a sentence. -ENOMEM; the list stays valid. */
int notes_add(char ***notes, size_t *count, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

void notes_free(char **notes, size_t count);

#endif
