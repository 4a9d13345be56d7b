/* SPDX-License-Identifier: Apache-2.0 */
#include "sparkline.h"

#include "src/statistics/quantiles.h"

#include <math.h>
#include <string.h>

enum { LEVELS = 8 };
#define LEAST_RANGE 0.0953 /* log 1.1 */

static const char *const signs[2][LEVELS] = {
    {"_", ".", ":", "-", "=", "+", "#", "@"},
    {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
};
static const char *const gaps[2] = {" ", "·"};

static double share_of(const double *time, size_t begin, size_t end, double *room)
{
    size_t count = 0;

    for (size_t i = begin; i < end; i++)
        if (time[i] > 0 && isfinite(time[i]))
            room[count++] = log(time[i]);
    return stats_median_of(room, count);
}

void sparkline(const double *time, size_t count, size_t width, int unicode, double *room,
               char text[SPARKLINE_TEXT])
{
    double level[SPARKLINE_MOST], least = INFINITY, greatest = -INFINITY;

    width = width < SPARKLINE_MOST ? width : SPARKLINE_MOST;
    width = width < count ? width : count;
    for (size_t i = 0; i < width; i++) {
        level[i] = share_of(time, i * count / width, (i + 1) * count / width, room);
        least = fmin(least, level[i]);
        greatest = fmax(greatest, level[i]);
    }
    double missing = fmax(0, LEAST_RANGE - (greatest - least));
    least -= missing / 2;
    greatest += missing / 2;
    text[0] = '\0';
    for (size_t i = 0; i < width; i++) {
        int step =
            isnan(level[i]) ? 0 : (int)((double)LEVELS * (level[i] - least) / (greatest - least));
        step = step < 0 ? 0 : step >= LEVELS ? LEVELS - 1 : step;
        strcat(text, isnan(level[i]) ? gaps[unicode != 0] : signs[unicode != 0][step]);
    }
}
