/* SPDX-License-Identifier: Apache-2.0
 * --writers: what there is, and whether it can run here. */
#ifndef BENCH_MMAP_BENCH_CATALOGUE_H
#define BENCH_MMAP_BENCH_CATALOGUE_H

#include "options.h"
#include "workdir.h"

/* Errors: of bm_kernel_probe, said on stderr. */
int catalogue_print(const struct options *options, const struct workdir *workdir);

#endif
