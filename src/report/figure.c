/* SPDX-License-Identifier: Apache-2.0 */
#include "figure.h"

#include <stdarg.h>
#include <stdio.h>

/* Behind the last of a kind stands a unit without a name (NULL). */
static const struct unit units_of[][6] = {
    [METRIC_KIND_TIME] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}},
    [METRIC_KIND_COUNT] = {{"", 1}},
    [METRIC_KIND_BYTES] =
        {{"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}},
    [METRIC_KIND_RATE] = {{"B/s", 1}, {"KiB/s", 0x1p10}, {"MiB/s", 0x1p20}, {"GiB/s", 0x1p30}},
};

const struct unit *figure_unit(enum metric_kind kind, double lowest, double highest)
{
    const struct unit *unit = units_of[kind];

    while (unit[1].name != NULL &&
           (lowest >= 0.1 * unit[1].divisor || highest >= 1e6 * unit->divisor))
        unit++;
    return unit;
}

static void group_thousands(char text[FIGURE_MAX])
{
    char out[FIGURE_MAX];
    size_t digits = strspn(text, "0123456789"), to = 0;

    if (digits < 5 || digits + digits / 3 >= FIGURE_MAX)
        return;
    for (size_t i = 0; i < digits; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            out[to++] = ',';
        out[to++] = text[i];
    }
    out[to] = '\0';
    memcpy(text, out, to + 1);
}

static struct figure __attribute__((format(printf, 1, 2))) make(const char *format, ...)
{
    struct figure figure;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(figure.text, sizeof figure.text, format, arguments);
    va_end(arguments);
    return figure;
}

struct figure figure_number(double value)
{
    int decimals = 0;

    if (!isfinite(value) || fabs(value) >= 1e18)
        return make("-");
    if (value != 0)
        decimals = 2 - (int)floor(log10(fabs(value)) + 1e-9);
    decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
    /* 9.996 has two decimals but rounds to 10.00: one less then. */
    if (decimals > 0 && fabs(value) + 0.5 * pow(10, -decimals) >= pow(10, 3 - decimals))
        decimals--;
    struct figure figure = make("%.*f", value == 0 ? 0 : decimals, value);
    char *locale_point = strchr(figure.text, ',');
    if (locale_point != NULL)
        *locale_point = '.';
    group_thousands(figure.text);
    return figure;
}

struct figure figure_count(double value)
{
    if (value != floor(value) || fabs(value) >= 1e15)
        return figure_number(value);
    struct figure figure = make("%.0f", value);
    group_thousands(figure.text);
    return figure;
}

static struct figure with_unit(struct figure figure, const struct unit *unit)
{
    return make("%.32s" FIGURE_GLUE "%s", figure.text, unit->name);
}

struct figure figure_in(double value, const struct unit *unit)
{
    return *unit->name == '\0' ? figure_count(value) : figure_number(value / unit->divisor);
}

/* The largest unit that is no larger than the value. */
static const struct unit *unit_below(enum metric_kind kind, double value)
{
    const struct unit *unit = units_of[kind];

    while (unit[1].name != NULL && value >= unit[1].divisor)
        unit++;
    return unit;
}

struct figure figure_bytes(double bytes)
{
    /* 1500 was asked for as 1500; 1712.3 is an estimate and reads better as 1.67 KiB. */
    int exact = bytes == floor(bytes) && bytes < 10000 && fmod(bytes, 1024) != 0;
    const struct unit *unit =
        exact ? units_of[METRIC_KIND_BYTES] : unit_below(METRIC_KIND_BYTES, bytes);
    double value = bytes / unit->divisor;

    return with_unit(
        value == floor(value) && value < 1e6 ? make("%.0f", value) : figure_number(value), unit);
}

struct figure figure_time(double ns)
{
    const struct unit *unit = unit_below(METRIC_KIND_TIME, ns);
    return with_unit(figure_number(ns / unit->divisor), unit);
}

struct figure figure_percent(double share)
{
    double percent = 100 * share;
    if (!isfinite(percent) || fabs(percent) > 1e9)
        return make("-");
    return make("%.*f" FIGURE_GLUE "%%", percent != 0 && fabs(percent) < 0.95, percent);
}

double figure_half_width(struct interval interval)
{
    if (!(interval.estimate > 0))
        return (double)NAN;
    return fmax(interval.high - interval.estimate, interval.estimate - interval.low) /
           interval.estimate;
}

struct figure figure_change(double ratio)
{
    double percent = 100 * (ratio - 1);
    if (!isfinite(percent))
        return make("-");
    if (fabs(percent) >= 1000)
        return make("%.3gx", ratio);
    return make("%s%.1f", percent >= 0 ? "+" : "−", fabs(percent));
}

struct figure figure_change_of(double ratio)
{
    struct figure change = figure_change(ratio);
    return strchr(change.text, 'x') == NULL ? make("%.30s %%", change.text) : change;
}

struct figure figure_change_interval(struct interval interval)
{
    if (isnan(interval.low))
        return figure_change(interval.estimate);
    return make("%.30s [%.30s, %.30s]", figure_change(interval.estimate).text,
                figure_change(interval.low).text, figure_change(interval.high).text);
}

struct figure figure_ratio(struct interval ratio)
{
    struct figure estimate = figure_number(ratio.estimate);

    return isnan(ratio.low) ? estimate
                            : make("%s [%s, %s]", estimate.text, figure_number(ratio.low).text,
                                   figure_number(ratio.high).text);
}

struct figure figure_p(double p)
{
    return isnan(p) ? make("-") : p < 0.001 ? make("<0.001") : make("%.3f", p);
}
