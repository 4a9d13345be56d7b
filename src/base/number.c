/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DIGITS_KEPT = 19,   /* what fits into 64 bits; later digits change nothing visible */
    EXACT_POWER = 27,   /* the largest power of ten that an x87 long double holds exactly */
    EXPONENT_CAP = 9999 /* far outside double's range: the result is 0 or infinity */
};

static int is_digit(char c) { return c >= '0' && c <= '9'; }

struct digits {
    uint64_t mantissa;
    int kept;
    int exponent; /* power of ten that the kept digits still lack */
};

static const char *take_digits(const char *p, struct digits *digits, int after_point)
{
    for (; is_digit(*p); p++) {
        if (digits->kept < DIGITS_KEPT) {
            digits->mantissa = digits->mantissa * 10 + (uint64_t)(*p - '0');
            digits->kept += digits->mantissa != 0;
            digits->exponent -= after_point;
        } else if (!after_point && digits->exponent < EXPONENT_CAP) {
            digits->exponent++;
        }
    }
    return p;
}

static const char *take_exponent(const char *p, int *exponent)
{
    char *end;

    if (!is_digit(p[*p == '-' || *p == '+']))
        return NULL;
    long value = strtol(p, &end, 10);
    *exponent = (int)(value < -EXPONENT_CAP  ? -EXPONENT_CAP
                      : value > EXPONENT_CAP ? EXPONENT_CAP
                                             : value);
    return end;
}

/* One rounding in long double and one to double: within two units in the last place of strtod,
 * which would depend on the program's locale and takes three times as long. */
static double scale(uint64_t mantissa, int exponent)
{
    static const long double power[EXACT_POWER + 1] = {
        1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
        1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
        1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    long double value = (long double)mantissa;

    if (mantissa == 0)
        return 0.0;
    for (; exponent > EXACT_POWER && isfinite(value); exponent -= EXACT_POWER)
        value *= power[EXACT_POWER];
    for (; exponent < -EXACT_POWER && value > 0; exponent += EXACT_POWER)
        value /= power[EXACT_POWER];
    if (exponent > EXACT_POWER || exponent < -EXACT_POWER)
        return exponent > 0 ? (double)INFINITY : 0.0;
    return (double)(exponent >= 0 ? value * power[exponent] : value / power[-exponent]);
}

const char *number_scan(const char *text, double *value)
{
    const char *p = text;
    int negative = *p == '-';
    struct digits digits = {0, 0, 0};
    int exponent = 0;

    p += negative;
    if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
        return NULL;
    p = take_digits(p, &digits, 0);
    if (*p == '.') {
        if (!is_digit(p[1]))
            return NULL;
        p = take_digits(p + 1, &digits, 1);
    }
    if (*p == 'e' || *p == 'E') {
        p = take_exponent(p + 1, &exponent);
        if (p == NULL)
            return NULL;
    }
    *value = scale(digits.mantissa, digits.exponent + exponent);
    if (negative)
        *value = -*value;
    return p;
}

int number_parse_bytes(const char *text, uint64_t *bytes)
{
    static const char letters[] = "KMGT";
    double value, factor = 1;
    const char *after = number_scan(text, &value);

    if (after == NULL || *text == '-')
        return -EINVAL;
    while (*after == ' ')
        after++;
    if (*after != '\0' && *after != 'B') {
        const char *letter = strchr(letters, *after >= 'a' ? *after - 'a' + 'A' : *after);
        if (letter == NULL)
            return -EINVAL;
        factor = ldexp(1, 10 * (int)(letter - letters + 1));
        after++;
        if (*after == 'i')
            after++;
    }
    if (*after == 'B' || *after == 'b')
        after++;
    if (*after != '\0')
        return -EINVAL;
    value *= factor;
    if (!(value < 0x1p63))
        return -ERANGE;
    if (value != floor(value))
        return -EINVAL;
    *bytes = (uint64_t)value;
    return 0;
}

/* The length of the shape when the text begins so, or 0. In a shape '0' stands for any digit, '+'
 * for either sign, and 'T' for itself or a blank. */
static size_t length_of(const char *text, const char *shape)
{
    static const char *const sets[] = {
        ['0'] = "0123456789", ['+'] = "+-", ['T'] = "T ", ['-'] = "-", [':'] = ":"};
    size_t i = 0;

    while (shape[i] != '\0' && text[i] != '\0' && strchr(sets[(int)shape[i]], text[i]) != NULL)
        i++;
    return shape[i] == '\0' ? i : 0;
}

/* "+02:00", "-0500", "Z" or nothing. */
static int parse_zone(const char *text, int *seconds)
{
    int hours = 0, minutes = 0, sign = *text == '-' ? -60 : 60;
    size_t length = strlen(text);

    if (length > 0 && strcmp(text, "Z") != 0 && length_of(text, "+00:00") != length &&
        length_of(text, "+0000") != length)
        return -EDOM;
    (void)sscanf(text, length == 6 ? "%*c%2d:%2d" : "%*c%2d%2d", &hours, &minutes);
    *seconds = sign * (60 * hours + minutes);
    return hours > 23 || minutes > 59 ? -EDOM : 0;
}

int date_parse(const char *text, int64_t *date_s)
{
    struct tm when = {0};
    int zone_s;
    size_t length = text != NULL ? length_of(text, "0000-00-00T00:00:00") : 0;

    if (length == 0 || parse_zone(text + length, &zone_s) != 0)
        return -EDOM;
    (void)sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d", &when.tm_year, &when.tm_mon, &when.tm_mday,
                 &when.tm_hour, &when.tm_min, &when.tm_sec);
    when.tm_year -= 1900;
    when.tm_mon--;
    struct tm given = when;
    time_t time = timegm(&when);
    /* timegm() takes the 31st of February for a day in March. */
    if (when.tm_mon != given.tm_mon || when.tm_mday != given.tm_mday ||
        when.tm_hour != given.tm_hour || when.tm_min != given.tm_min || when.tm_sec != given.tm_sec)
        return -EDOM;
    *date_s = (int64_t)time - zone_s;
    return 0;
}

void date_put(int64_t date_s, char text[DATE_TEXT])
{
    time_t time = (time_t)date_s;
    struct tm when;

    if (gmtime_r(&time, &when) == NULL ||
        strftime(text, DATE_TEXT, "%Y-%m-%d %H:%M:%S", &when) == 0)
        snprintf(text, DATE_TEXT, "%lld s", (long long)date_s);
}
