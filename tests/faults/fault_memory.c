/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that is short, once main() has begun: it calls setlocale() first. */
#include "fault.h"

#include <errno.h>
#include <glob.h>
#include <locale.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int has_begun;

char *setlocale(int category, const char *locale)
{
    REAL(setlocale);
    has_begun = 1;
    return real(category, locale);
}

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t bytes);

/* The C library's own regcomp() and glob() free twice when they find none: seen in glibc 2.36. */
static _Thread_local int is_excused;

int regcomp(regex_t *regex, const char *pattern, int flags)
{
    REAL(regcomp);
    is_excused = 1;
    int result = real(regex, pattern, flags);
    is_excused = 0;
    return result;
}

int glob(const char *pattern, int flags, int (*on_error)(const char *, int), glob_t *found)
{
    REAL(glob);
    is_excused = 1;
    int result = real(pattern, flags, on_error, found);
    is_excused = 0;
    return result;
}

static int is_short(void)
{
    if (!has_begun || is_excused || fault_of("malloc", 0) == NONE)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t bytes) { return is_short() ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t size) { return is_short() ? NULL : __libc_calloc(count, size); }
void *realloc(void *memory, size_t bytes)
{
    return is_short() ? NULL : __libc_realloc(memory, bytes);
}
