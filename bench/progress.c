/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/report/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct {
    bool enabled, shown;
    const char *what; /* NULL outside of a pass */
    double start_s, last_s;
} line;

void progress_enable(enum when when)
{
    line.enabled = when == WHEN_ALWAYS || (when == WHEN_AUTO && view_has_line(stderr));
}

void progress_begin(struct sweep *sweep, const char *what, uint64_t samples)
{
    sweep->samples_wanted = samples;
    for (size_t i = 0; i < sweep->cell_count; i++)
        sweep->cells[i].pass_samples = 0;
    line.what = what;
    line.start_s = clock_s();
    line.last_s = 0;
}

/* A cell that has not been measured yet is assumed to take as long as the others do on average. */
double progress_seconds_left(const struct sweep *sweep)
{
    double known_s = 0, left_s = 0;
    uint64_t known = 0, unknown = 0;

    for (size_t i = 0; i < sweep->cell_count; i++) {
        const struct sweep_cell *cell = &sweep->cells[i];
        uint64_t left = cell->pass_samples < sweep->samples_wanted
                            ? sweep->samples_wanted - cell->pass_samples
                            : 0;
        if (!cell->selected)
            continue;
        if (cell->samples == 0) {
            unknown += left;
            continue;
        }
        known_s += cell->seconds / (double)cell->samples;
        known++;
        left_s += (double)left * cell->seconds / (double)cell->samples;
    }
    return left_s + (known > 0 ? (double)unknown * known_s / (double)known : 0);
}

static uint64_t count_samples(const struct sweep *sweep)
{
    uint64_t samples = 0;

    for (size_t i = 0; i < sweep->cell_count; i++)
        samples += sweep->cells[i].selected ? sweep->cells[i].pass_samples : 0;
    return samples;
}

void progress_sample(const struct sweep *sweep)
{
    char elapsed[UNITS_TEXT_BYTES], left[UNITS_TEXT_BYTES];
    double now = clock_s();

    if (!line.enabled || line.what == NULL || now - line.last_s < 0.1)
        return;
    view_line(stderr, "%s: about %s left, %llu of %llu samples, %s passed", line.what,
              units_duration(left, progress_seconds_left(sweep)),
              (unsigned long long)count_samples(sweep),
              (unsigned long long)sweep->samples_wanted * sweep->selected_count,
              units_duration(elapsed, now - line.start_s));
    line.shown = true;
    line.last_s = now;
}

void progress_clear(void)
{
    if (!line.shown)
        return;
    view_line(stderr, "%s", "");
    line.shown = false;
}

void progress_end(void)
{
    progress_clear();
    line.what = NULL;
}

void message(const char *format, ...)
{
    va_list arguments;

    progress_clear();
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    utf8_vprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

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
