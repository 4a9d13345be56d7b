/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stddef.h>
#include <stdio.h>

static const char letters[] = "KMGT";

const char *units_exact_bytes(char text[UNITS_TEXT_BYTES], uint64_t bytes)
{
    int unit = 0;

    while (unit < (int)sizeof letters - 1 && bytes >= 1024 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    if (unit == 0)
        snprintf(text, UNITS_TEXT_BYTES, "%llu", (unsigned long long)bytes);
    else
        snprintf(text, UNITS_TEXT_BYTES, "%llu%c", (unsigned long long)bytes, letters[unit - 1]);
    return text;
}

/* Three significant digits, in the first unit that needs no more of them. */
static const char *three_digits(char text[UNITS_TEXT_BYTES], double value, double step,
                                const char *const *unit)
{
    for (; value >= 999.5 && unit[1] != NULL; unit++)
        value /= step;
    snprintf(text, UNITS_TEXT_BYTES, "%.*f %s",
             value < 9.995   ? 2
             : value < 99.95 ? 1
                             : 0,
             value, *unit);
    return text;
}

const char *units_short_bytes(char text[UNITS_TEXT_BYTES], double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", NULL};

    return three_digits(text, bytes, 1024, units);
}

const char *units_short_time(char text[UNITS_TEXT_BYTES], double seconds)
{
    static const char *const units[] = {"ns", "us", "ms", "s", NULL};

    return three_digits(text, seconds * 1e9, 1000, units);
}

const char *units_duration(char text[UNITS_TEXT_BYTES], double seconds)
{
    long whole = seconds < 0 ? 0 : (long)(seconds + 0.5);

    if (whole < 100)
        snprintf(text, UNITS_TEXT_BYTES, "%ld s", whole);
    else if (whole < 6000)
        snprintf(text, UNITS_TEXT_BYTES, "%ld min %ld s", whole / 60, whole % 60);
    else
        snprintf(text, UNITS_TEXT_BYTES, "%ld h %ld min", whole / 3600, whole / 60 % 60);
    return text;
}
