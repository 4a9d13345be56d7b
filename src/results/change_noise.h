/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESULTS_CHANGE_NOISE_H
#define RESULTS_CHANGE_NOISE_H

#include <stddef.h>

/*
 * Persistence before the steps are known: from the sizes of differences between neighbours and
 * between every other value, of which a step changes one or two only. That is three times as
 * uncertain as what levels_find() makes of it. As results_persistence(). -ENOMEM.
 */
int noise_rough(const double *value, size_t runs, size_t rows, double *persistence);

#endif
