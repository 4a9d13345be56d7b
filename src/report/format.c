/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

#include "src/base/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct unit time_units[] = {{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
static const struct unit count_units[] = {{"", 1}};
static const struct unit byte_units[] = {
    {"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
static const struct unit rate_units[] = {
    {"B/s", 1}, {"KiB/s", 0x1p10}, {"MiB/s", 0x1p20}, {"GiB/s", 0x1p30}};

static const struct {
    const struct unit *units;
    size_t count;
} units_of[] = {
    [METRIC_KIND_TIME] = {time_units, 4},
    [METRIC_KIND_COUNT] = {count_units, 1},
    [METRIC_KIND_BYTES] = {byte_units, 5},
    [METRIC_KIND_RATE] = {rate_units, 4},
};

const struct unit *format_unit(enum metric_kind kind, double lowest, double highest)
{
    const struct unit *units = units_of[kind].units;
    size_t at = 0, count = units_of[kind].count;

    while (at + 1 < count &&
           (lowest >= 0.1 * units[at + 1].divisor || highest >= 1e6 * units[at].divisor))
        at++;
    return &units[at];
}

static void group_thousands(char text[FORMAT_MAX])
{
    char out[FORMAT_MAX];
    size_t digits = strspn(text, "0123456789"), to = 0;

    if (digits < 5 || digits + digits / 3 >= FORMAT_MAX)
        return;
    for (size_t i = 0; i < digits; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            out[to++] = ',';
        out[to++] = text[i];
    }
    out[to] = '\0';
    memcpy(text, out, to + 1);
}

void format_number(double value, char text[FORMAT_MAX])
{
    int decimals = 0;

    if (!isfinite(value) || fabs(value) >= 1e18) {
        snprintf(text, FORMAT_MAX, "-");
        return;
    }
    if (value != 0)
        decimals = 2 - (int)floor(log10(fabs(value)) + 1e-9);
    decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
    /* 9.996 has two decimals but rounds to 10.00: one less then. */
    if (decimals > 0 && fabs(value) + 0.5 * pow(10, -decimals) >= pow(10, 3 - decimals))
        decimals--;
    if (value == 0)
        decimals = 0;
    snprintf(text, FORMAT_MAX, "%.*f", decimals, value);
    char *locale_point = strchr(text, ',');
    if (locale_point != NULL)
        *locale_point = '.';
    group_thousands(text);
}

void format_count(double value, char text[FORMAT_MAX])
{
    if (value != floor(value) || fabs(value) >= 1e15) {
        format_number(value, text);
        return;
    }
    snprintf(text, FORMAT_MAX, "%.0f", value);
    group_thousands(text);
}

void format_bytes(double bytes, char text[FORMAT_MAX])
{
    size_t at = 0;
    char number[FORMAT_MAX];

    /* 1500 was asked for as 1500; 1712.3 is an estimate and reads better as 1.67 KiB. */
    int exact = bytes == floor(bytes) && bytes < 10000 && fmod(bytes, 1024) != 0;
    while (!exact && at + 1 < sizeof byte_units / sizeof byte_units[0] &&
           bytes >= byte_units[at + 1].divisor)
        at++;
    double value = bytes / byte_units[at].divisor;
    if (value == floor(value) && value < 1e6)
        snprintf(number, sizeof number, "%.0f", value);
    else
        format_number(value, number);
    snprintf(text, FORMAT_MAX, "%.32s" FORMAT_GLUE "%s", number, byte_units[at].name);
}

void format_time(double ns, char text[FORMAT_MAX])
{
    char number[FORMAT_MAX];
    size_t at = 0;

    while (at + 1 < sizeof time_units / sizeof time_units[0] && ns >= time_units[at + 1].divisor)
        at++;
    format_number(ns / time_units[at].divisor, number);
    snprintf(text, FORMAT_MAX, "%.32s" FORMAT_GLUE "%s", number, time_units[at].name);
}

void format_percent(double share, char text[FORMAT_MAX])
{
    double percent = 100 * share;
    if (!isfinite(percent) || fabs(percent) > 1e9)
        snprintf(text, FORMAT_MAX, "-");
    else if (percent != 0 && fabs(percent) < 0.95)
        snprintf(text, FORMAT_MAX, "%.1f" FORMAT_GLUE "%%", percent);
    else
        snprintf(text, FORMAT_MAX, "%.0f" FORMAT_GLUE "%%", percent);
}

double format_half_width(double estimate, double low, double high)
{
    if (!(estimate > 0))
        return (double)NAN;
    return fmax(high - estimate, estimate - low) / estimate;
}

void format_change(double ratio, char text[FORMAT_MAX])
{
    double percent = 100 * (ratio - 1);
    if (!isfinite(percent))
        snprintf(text, FORMAT_MAX, "-");
    else if (fabs(percent) >= 1000)
        snprintf(text, FORMAT_MAX, "%.3gx", ratio);
    else
        snprintf(text, FORMAT_MAX, "%s%.1f", percent >= 0 ? "+" : "−", fabs(percent));
}

void format_change_interval(struct interval interval, char text[FORMAT_INTERVAL_MAX])
{
    char estimate[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    format_change(interval.estimate, estimate);
    format_change(interval.low, low);
    format_change(interval.high, high);
    if (isnan(interval.low))
        snprintf(text, FORMAT_INTERVAL_MAX, "%s", estimate);
    else
        snprintf(text, FORMAT_INTERVAL_MAX, "%s [%s, %s]", estimate, low, high);
}

void format_ratio(struct interval ratio, char text[FORMAT_INTERVAL_MAX])
{
    char estimate[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    format_number(ratio.estimate, estimate);
    format_number(ratio.low, low);
    format_number(ratio.high, high);
    if (isnan(ratio.low))
        snprintf(text, FORMAT_INTERVAL_MAX, "%s", estimate);
    else
        snprintf(text, FORMAT_INTERVAL_MAX, "%s [%s, %s]", estimate, low, high);
}

void format_p(double p, char text[FORMAT_MAX])
{
    if (isnan(p))
        snprintf(text, FORMAT_MAX, "-");
    else if (p < 0.001)
        snprintf(text, FORMAT_MAX, "<0.001");
    else
        snprintf(text, FORMAT_MAX, "%.3f", p);
}
