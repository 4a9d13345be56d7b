/* SPDX-License-Identifier: Apache-2.0
 * The table of all kernels, by index and by name. */
#include "src/kernel/kernel.h"

#include <string.h>

#define LISTED(name, family, headline) extern const struct bm_kernel bm_kernel_##name;
#include "kernels.def"

static const struct bm_kernel *const kernels[] = {
#define LISTED(name, family, headline) &bm_kernel_##name,
#include "kernels.def"
};

static const bool headlines[] = {
#define LISTED(name, family, headline) headline,
#include "kernels.def"
};

size_t bm_kernel_count(void) { return sizeof kernels / sizeof kernels[0]; }

const struct bm_kernel *bm_kernel_at(size_t index)
{
    return index < bm_kernel_count() ? kernels[index] : NULL;
}

const struct bm_kernel *bm_kernel_find(const char *name)
{
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        if (strcmp(kernels[i]->name, name) == 0)
            return kernels[i];
    }
    return NULL;
}

bool bm_kernel_is_headline(size_t index) { return index < bm_kernel_count() && headlines[index]; }
