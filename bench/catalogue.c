/* SPDX-License-Identifier: Apache-2.0 */

#include "progress.h"
#include "src/report/option_table.h"
#include "src/report/words.h"
#include "sweep.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LEFT = 22 };

/* A kernel, a state or a mode: its name, and what it is. */
static void print_entry(const char *name, const char *summary)
{
    char lead[80];

    snprintf(lead, sizeof lead, "  %s", name);
    option_help_fold(stdout, lead, LEFT, summary);
}

/* A line below an entry. */
static void print_below(const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    option_help_fold(stdout, "", LEFT, text);
}

/* Prints the lines below a kernel: "with sync:each: reason". States or modes that are refused for
 * the same reason share a line. */
struct refusals {
    char names[160];
    char reason[BM_REASON_BYTES];
};

static void flush(struct refusals *refusals, const char *axis)
{
    if (refusals->names[0] != '\0')
        print_below("not with %s:%s: %s", axis, refusals->names, refusals->reason);
    refusals->names[0] = '\0';
}

static void add(struct refusals *refusals, const char *axis, const char *name, const char *reason)
{
    size_t used;

    if (strcmp(refusals->reason, reason) != 0)
        flush(refusals, axis);
    used = strlen(refusals->names);
    snprintf(refusals->names + used, sizeof refusals->names - used, "%s%s", used > 0 ? "," : "",
             name);
    snprintf(refusals->reason, sizeof refusals->reason, "%s", reason);
}

/* What holds for every writer without a mapping, for every kernel without a file, and for all of a
 * kind is said once. */
static void print_combinations(const struct bm_kernel *kernel)
{
    struct refusals refusals = {.names = ""};
    char reason[BM_REASON_BYTES];

    if (!bm_kernel_has_file(kernel))
        return;
    for (int i = 0; i < BM_FILE_STATES; i++) {
        enum bm_file_state state = (enum bm_file_state)i;
        if (bm_file_state_suits(state, bm_kernel_kind(kernel)) &&
            bm_kernel_accepts_state(kernel, state, reason) != 0)
            add(&refusals, "file", bm_file_state_name(state), reason);
    }
    flush(&refusals, "file");
    for (int i = 0; bm_kernel_kind(kernel) == BM_KIND_WRITER && i < BM_SYNC_MODES; i++) {
        enum bm_sync_mode mode = (enum bm_sync_mode)i;
        if ((mode == BM_SYNC_MODE_MSYNC && !bm_kernel_is_mapping(kernel)) ||
            bm_kernel_accepts_sync(kernel, mode, reason) == 0)
            continue;
        add(&refusals, "sync", bm_sync_mode_name(mode), reason);
    }
    flush(&refusals, "sync");
    for (int i = 0; i < BM_ORDERS; i++) {
        enum bm_order order = (enum bm_order)i;
        if (bm_kernel_accepts_order(kernel, order, reason) != 0)
            add(&refusals, "order", bm_order_name(order), reason);
    }
    flush(&refusals, "order");
    if (bm_kernel_accepts_laps(kernel, 0, reason) != 0)
        add(&refusals, "latency", options_latency_name(LATENCY_EACH), reason);
    flush(&refusals, "latency");
}

static void print_limits(const struct bm_limits *limits)
{
    char text[UNITS_TEXT_BYTES], extra[UNITS_TEXT_BYTES];

    if (limits->chunk_multiple_bytes > 1)
        print_below("here: chunk and file size in multiples of %llu bytes",
                    (unsigned long long)limits->chunk_multiple_bytes);
    if (limits->size_min_bytes > 1)
        print_below("here: files of %s or more", units_exact_bytes(text, limits->size_min_bytes));
    if (limits->chunk_max_bytes != UINT64_MAX || limits->source_max_bytes != UINT64_MAX)
        print_below("here: chunks up to %s",
                    units_exact_bytes(text, limits->chunk_max_bytes < limits->source_max_bytes
                                                ? limits->chunk_max_bytes
                                                : limits->source_max_bytes));
    if (limits->pinned_max_bytes != UINT64_MAX)
        print_below("here: chunks up to %s less %s, for all threads together (RLIMIT_MEMLOCK)",
                    units_exact_bytes(text, limits->pinned_max_bytes),
                    units_exact_bytes(extra, limits->pinned_extra_bytes));
}

static int print_kernel(const struct bm_kernel *kernel, const struct options *options,
                        const struct workdir *workdir)
{
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;
    int error = sweep_probe(kernel, options, workdir, &limits, reason);

    if (error != 0 && error != -ENOTSUP)
        return error;
    print_entry(bm_kernel_name(kernel), bm_kernel_summary(kernel));
    if (error == -ENOTSUP) {
        print_below("not here: %s", reason);
        return 0;
    }
    print_limits(&limits);
    print_combinations(kernel);
    return 0;
}

static bool is_asked_for(const struct options *options, enum bm_file_state state)
{
    for (int kind = 0; kind < BM_KINDS; kind++)
        if (options->kinds[kind] && bm_file_state_suits(state, (enum bm_kind)kind))
            return true;
    return false;
}

static int print_states(const struct options *options, const struct workdir *workdir)
{
    printf("File states (--file), what the file is before a sample:\n\n");
    for (int i = 0; i < BM_FILE_STATES; i++) {
        enum bm_file_state state = (enum bm_file_state)i;
        char reason[BM_REASON_BYTES];
        int error;
        if (!is_asked_for(options, state))
            continue;
        error = bm_file_state_probe(workdir->fd, workdir_probe_name(), state, reason);
        if (error != 0 && error != -ENOTSUP) {
            message("file:%s: trying it in --dir=%s failed: %s", bm_file_state_name(state),
                    options->dir, strerror(-error));
            return error;
        }
        print_entry(bm_file_state_name(state), bm_file_state_summary(state));
        if (error != 0)
            print_below("not here: %s", reason);
    }
    return 0;
}

static int print_kind(enum bm_kind kind, const struct options *options,
                      const struct workdir *workdir)
{
    int error = 0;

    printf("%c%s, and whether each can run in %s:\n\n", toupper(kind_words[kind][0]),
           kind_words[kind] + 1, options->dir);
    for (size_t i = 0; error == 0 && i < bm_kernel_count(); i++)
        if (options_kind_of(options, bm_kernel_at(i)) == (int)kind)
            error = print_kernel(bm_kernel_at(i), options, workdir);
    putchar('\n');
    return error;
}

int catalogue_print(const struct options *options, const struct workdir *workdir)
{
    int error = 0;

    for (int kind = 0; error == 0 && kind < BM_KINDS; kind++)
        if (options->kinds[kind])
            error = print_kind((enum bm_kind)kind, options, workdir);
    if (error == 0 && (options->kinds[BM_KIND_WRITER] || options->kinds[BM_KIND_READER]))
        error = print_states(options, workdir);
    if (error != 0)
        return error;
    if (options->kinds[BM_KIND_WRITER]) {
        printf("\nSync modes (--sync), how durable it must be after:\n\n");
        for (int i = 0; i < BM_SYNC_MODES; i++)
            print_entry(bm_sync_mode_name((enum bm_sync_mode)i),
                        bm_sync_mode_summary((enum bm_sync_mode)i));
    }
    printf("\nOrders (--order), in which the chunks are visited:\n\n");
    for (int i = 0; i < BM_ORDERS; i++)
        print_entry(bm_order_name((enum bm_order)i), bm_order_summary((enum bm_order)i));
    putchar('\n');
    option_help_fold(
        stdout, "", 0,
        "Controls have no file: they are measured once, whatever --file, --sync and --order say.");
    return 0;
}
