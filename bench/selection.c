/* SPDX-License-Identifier: Apache-2.0 */
/* What --benchmark_filter selects, and what to say where that is nothing. */
#include "progress.h"
#include "src/report/option_table.h"
#include "sweep.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

/* Where benchmark_list() is in the cells: both are in the order of registration. */
struct listing {
    struct sweep *sweep;
    size_t next; /* cell */
    bool short_of_memory;
};

static void name_cell(void *user, const char *name)
{
    struct listing *listing = user;
    struct sweep *sweep = listing->sweep;

    if (listing->next == sweep->cell_count)
        return;
    sweep->cells[listing->next].name = strdup(name);
    listing->short_of_memory |= sweep->cells[listing->next++].name == NULL;
}

static void select_cell(void *user, const char *name)
{
    struct listing *listing = user;
    struct sweep *sweep = listing->sweep;

    while (listing->next < sweep->cell_count && strcmp(sweep->cells[listing->next].name, name) != 0)
        listing->next++;
    if (listing->next == sweep->cell_count)
        return;
    sweep->cells[listing->next++].selected = true;
    sweep->selected_count++;
}

/* The framework does not say what is wrong; the C library's expressions are nearly the same. */
static void complain_of_regex(const char *filter)
{
    char reason[200] = "";
    regex_t regex;
    int error = regcomp(&regex, filter, REG_EXTENDED | REG_NOSUB);

    if (error == 0)
        regfree(&regex);
    else
        regerror(error, &regex, reason, sizeof reason);
    message("--benchmark_filter=%s: not a regular expression%s%s", filter,
            *reason != '\0' ? ": " : "", reason);
}

/* Whether the expression matches cells of a kernel, or would match them if it had some that were
 * called as the others are. */
static bool is_wanted(const struct sweep *sweep, const struct bm_kernel *kernel,
                      const regex_t *regex)
{
    char name[SWEEP_NAME_BYTES];

    for (size_t f = 0; f < sweep->family_count; f++) {
        const struct family *family = &sweep->families[f];
        for (size_t i = 0; i < family->cell_count; i++) {
            const char *like = sweep->cells[family->first_cell + i].name;
            snprintf(name, sizeof name, "%s%s", bm_kernel_name(kernel), strchr(like, '/'));
            if (bm_kernel_kind(family->kernel) == bm_kernel_kind(kernel) &&
                regexec(regex, name, 0, NULL, 0) == 0)
                return true;
        }
    }
    return false;
}

/* The framework takes a filter that begins with - for its opposite. */
static void count_left_out(struct sweep *sweep, const char *filter)
{
    bool opposite = *filter == '-';
    regex_t regex;

    if (regcomp(&regex, filter + opposite, REG_EXTENDED | REG_NOSUB) != 0)
        return;
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct left_out *of = &sweep->of_kernel[i];
        if (of->absent + of->ordered + of->untimed + of->unaligned_cells + of->long_cells == 0 ||
            is_wanted(sweep, bm_kernel_at(i), &regex) == opposite)
            continue;
        sweep->left_out.absent += of->absent;
        sweep->left_out.ordered += of->ordered;
        sweep->left_out.untimed += of->untimed;
        sweep->left_out.unaligned_cells += of->unaligned_cells;
        sweep->left_out.long_cells += of->long_cells;
    }
    regfree(&regex);
}

/* By the first word of the filter. */
static const char *say_nearest_writer(const char *filter, char meant[OPTION_MEANT])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct nearest nearest;
    char word[40];

    filter += strcspn(filter, letters);
    snprintf(word, sizeof word, "%.*s", (int)strspn(filter, letters), filter);
    nearest_begin(&nearest, word);
    for (size_t i = 0; i < bm_kernel_count(); i++)
        nearest_try(&nearest, bm_kernel_name(bm_kernel_at(i)));
    return option_meant(&nearest, meant);
}

/* --depth is for kernels that have one. */
static int check_depth(const struct sweep *sweep)
{
    for (size_t f = 0; f < sweep->family_count; f++) {
        const struct family *family = &sweep->families[f];
        for (size_t i = 0; bm_kernel_has_depth(family->kernel) && i < family->cell_count; i++)
            if (sweep->cells[family->first_cell + i].selected)
                return 0;
    }
    if (sweep->options->depth_count == 0)
        return 0;
    message(
        "--depth: none of the chosen kernels has several chunks under way at once; those of "
        "io_uring have: --benchmark_filter=Uring (--writers says whether they can run here)");
    return -EINVAL;
}

int sweep_select(struct sweep *sweep, const char *filter)
{
    struct listing all = {.sweep = sweep}, chosen = {.sweep = sweep};
    int error = benchmark_list(NULL, name_cell, &all);
    char meant[OPTION_MEANT];

    if (all.short_of_memory || all.next != sweep->cell_count)
        error = -ENOMEM;
    if (error != 0)
        return error;
    error = benchmark_list(filter, select_cell, &chosen);
    if (error == -EINVAL)
        complain_of_regex(filter);
    if (error == 0)
        count_left_out(sweep, filter);
    if (error != 0 || sweep->selected_count > 0)
        return error != 0 ? error : check_depth(sweep);
    message(
        "--benchmark_filter=%s: matches none of the %zu benchmarks; %s"
        "--benchmark_list_tests lists them, --kind=all, --file=all and --sync=all make more%s",
        filter, sweep->cell_count, say_nearest_writer(filter, meant),
        sweep->left_out.ordered + sweep->left_out.untimed > 0
            ? "; --writers says which kernels --order=random and --latency=each leave out, and why"
            : "");
    return -ENOENT;
}
