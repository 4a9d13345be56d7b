/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include "progress.h"
#include "src/base/arena.h"
#include "src/run/name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file up to this size is verified against a source as long as itself, so that a chunk in the
 * wrong place is found; a larger one against its one chunk. */
#define WALK_MAX_BYTES ((uint64_t)32 << 20)

/* A list of so many chunks takes 270 MB, and their times half as much. */
#define LISTED_MAX_CHUNKS (UINT64_C(1) << 24)

/* All kernels in all states, modes and orders are 10,000; more take the framework minutes to list.
 */
enum { CELLS_MOST = 20000 };

static int add_cell(struct sweep *sweep, struct family *family, uint64_t chunk_bytes, int threads)
{
    if (sweep->cell_count == CELLS_MOST) {
        message(
            "these flags make more than %d cells; name fewer chunk sizes, states or threads, or "
            "make several runs",
            CELLS_MOST);
        return -E2BIG;
    }

    struct sweep_cell *cells = array_grow(sweep->cells, sweep->cell_count, sizeof *cells);
    if (cells == NULL)
        return -ENOMEM;
    sweep->cells = cells;
    cells[sweep->cell_count++] =
        (struct sweep_cell){.chunk_bytes = chunk_bytes, .threads = threads > 0 ? threads : 1};
    family->cell_count++;
    return 0;
}

/* How much of the source each thread may have pinned, in whole pages. */
static uint64_t pinned_bytes(const struct sweep *sweep, const struct bm_limits *limits)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t each = limits->pinned_max_bytes / (uint64_t)options_most_threads(sweep->options);

    if (limits->pinned_max_bytes == UINT64_MAX)
        return UINT64_MAX;
    return each < limits->pinned_extra_bytes ? 0
                                             : (each - limits->pinned_extra_bytes) / page * page;
}

uint64_t sweep_source_bytes(const struct sweep *sweep, const struct bm_limits *limits)
{
    return limits->source_max_bytes < pinned_bytes(sweep, limits) ? limits->source_max_bytes
                                                                  : pinned_bytes(sweep, limits);
}

/* The framework makes all numbers of threads of a chunk, or none. */
static bool fits(const struct sweep *sweep, const struct bm_limits *limits, uint64_t chunk_bytes)
{
    uint64_t size = sweep->options->file_size_bytes;

    return chunk_bytes % limits->chunk_multiple_bytes == 0 &&
           size % limits->size_multiple_bytes == 0 && size >= limits->size_min_bytes &&
           chunk_bytes <= limits->chunk_max_bytes &&
           chunk_bytes <= sweep_source_bytes(sweep, limits);
}

static int add_cells(struct sweep *sweep, struct family *family)
{
    const struct options *options = sweep->options;
    int error = 0;

    family->first_cell = sweep->cell_count;
    for (size_t i = 0; error == 0 && i < options->chunk_count; i++) {
        uint64_t chunk_bytes = options->chunks[i];
        if (chunk_bytes > options->file_size_bytes ||
            (family->talk == BM_MODE_ROUNDTRIP && chunk_bytes > BM_TRIP_MAX_BYTES))
            continue;
        if (!fits(sweep, &family->limits, chunk_bytes)) {
            family->left_out->unaligned_cells++;
            continue;
        }
        if (family_lists(family) && options->file_size_bytes / chunk_bytes > LISTED_MAX_CHUNKS) {
            family->left_out->long_cells++;
            continue;
        }
        if (options->thread_count == 0)
            error = add_cell(sweep, family, chunk_bytes, 0);
        for (size_t k = 0; error == 0 && k < options->thread_count; k++)
            error = add_cell(sweep, family, chunk_bytes, options->threads[k]);
    }
    return error;
}

static int add_family(struct sweep *sweep, const struct family *family)
{
    char reason[BM_REASON_BYTES];

    if (bm_kernel_accepts_state(family->kernel, family->state, reason) != 0 ||
        bm_kernel_accepts_sync(family->kernel, family->mode, reason) != 0)
        return 0;
    struct family *families = array_grow(sweep->families, sweep->family_count, sizeof *families);
    if (families == NULL)
        return -ENOMEM;
    sweep->families = families;
    families[sweep->family_count] = *family;
    return add_cells(sweep, &sweep->families[sweep->family_count++]);
}

int sweep_probe(const struct bm_kernel *kernel, const struct options *options,
                const struct workdir *workdir, struct bm_limits *limits,
                char reason[BM_REASON_BYTES])
{
    int error = bm_kernel_probe(kernel, workdir->fd, workdir_probe_name(), limits, reason);

    if (error == 0 && bm_kernel_accepts_size(kernel, sweep_address_bytes(options), reason) != 0)
        return -ENOTSUP;
    if (error == 0 || error == -ENOTSUP || error == -ECANCELED)
        return error;
    /* One kernel less: the others may still be measured. */
    snprintf(reason, BM_REASON_BYTES, "trying it failed: %s", strerror(-error));
    message("%s is left out: %s", bm_kernel_name(kernel), reason);
    return -ENOTSUP;
}

/* What writes no file is the same whatever the mode. */
static int add_states(struct sweep *sweep, struct family *family)
{
    const struct options *options = sweep->options;
    bool written = bm_kernel_kind(family->kernel) == BM_KIND_WRITER;
    int error = 0;

    for (int state = 0; error == 0 && state < BM_FILE_STATES; state++) {
        for (int mode = 0; error == 0 && mode < BM_SYNC_MODES; mode++) {
            family->state = (enum bm_file_state)state;
            family->mode = (enum bm_sync_mode)mode;
            if (sweep->states[state] &&
                (written ? options->modes[mode] : mode == BM_SYNC_MODE_NONE))
                error = add_family(sweep, family);
        }
    }
    return error;
}

/* What came of a kernel's orders and latencies. */
struct walks {
    bool ordered; /* one was left out, */
    bool untimed; /* here latency:each, */
    bool timed;   /* and here not */
};

/* In every order, with and without a clock between the chunks. */
static int add_walks(struct sweep *sweep, struct family *family, struct walks *walks)
{
    const struct options *options = sweep->options;
    char reason[BM_REASON_BYTES];
    int error = 0;

    for (int walk = 0; error == 0 && walk < BM_ORDERS * LATENCIES; walk++) {
        family->order = (enum bm_order)(walk / LATENCIES);
        family->latency = walk % LATENCIES == LATENCY_EACH;
        if (!options->orders[family->order] || !options->latencies[walk % LATENCIES])
            continue;
        bool ordered = bm_kernel_accepts_order(family->kernel, family->order, reason) != 0;
        bool untimed =
            family->latency && bm_kernel_accepts_laps(family->kernel, family->depth, reason) != 0;
        walks->ordered |= ordered;
        walks->untimed |= untimed;
        walks->timed |= family->latency && !untimed;
        if (!ordered && !untimed)
            error = add_states(sweep, family);
    }
    return error;
}

/* A kernel without a queue is measured once, whatever the depths. */
static int add_depths(struct sweep *sweep, struct family *family)
{
    const struct options *options = sweep->options;
    size_t depths = bm_kernel_has_depth(family->kernel) ? options->depth_count : 0;
    struct walks walks = {false, false, false};
    int error = depths == 0 ? add_walks(sweep, family, &walks) : 0;

    for (size_t i = 0; error == 0 && i < depths; i++) {
        family->depth = options->depths[i] == BM_DEPTH ? 0 : (unsigned)options->depths[i];
        error = add_walks(sweep, family, &walks);
    }
    family->left_out->ordered = walks.ordered;
    family->left_out->untimed = walks.untimed && !walks.timed;
    return error;
}

/* What has no file is the same whatever the state and the order: it is measured once. */
static int add_kernel(struct sweep *sweep, size_t index)
{
    const struct bm_kernel *kernel = bm_kernel_at(index);
    const struct options *options = sweep->options;
    struct family family = {.sweep = sweep,
                            .kernel = kernel,
                            .left_out = &sweep->of_kernel[index],
                            .state = BM_FILE_STATE_NONE,
                            .mode = BM_SYNC_MODE_NONE};
    char reason[BM_REASON_BYTES];
    int error = sweep_probe(kernel, options, sweep->workdir, &family.limits, reason);

    if (error == -ENOTSUP) {
        family.left_out->absent = 1;
        return 0;
    }
    for (int talk = 0; error == 0 && !bm_kernel_has_file(kernel) && talk < BM_MODES; talk++) {
        bool talks = bm_kernel_kind(kernel) == BM_KIND_CHANNEL;
        family.talk = (enum bm_mode)talk;
        if (talks ? options->talks[talk] : talk == BM_MODE_STREAM)
            error = add_family(sweep, &family);
    }
    return error == 0 && bm_kernel_has_file(kernel) ? add_depths(sweep, &family) : error;
}

/* Asked for by name, a state that cannot be is bad input; in --file=all it is left out. */
static int probe_states(struct sweep *sweep)
{
    const struct options *options = sweep->options;
    char reason[BM_REASON_BYTES];

    for (int state = 0; state < BM_FILE_STATES; state++) {
        int error;
        if (!options->states[state] || state == BM_FILE_STATE_NONE)
            continue;
        error = bm_file_state_probe(sweep->workdir->fd, workdir_probe_name(),
                                    (enum bm_file_state)state, reason);
        sweep->states[state] = error == 0;
        if (error == -ENOTSUP && options->all_states) {
            sweep->absent_states++;
        } else if (error == -ECANCELED) {
            return error;
        } else if (error != 0) {
            message("--file=%s: cannot be in --dir=%s: %s",
                    bm_file_state_name((enum bm_file_state)state), options->dir,
                    error == -ENOTSUP ? reason : strerror(-error));
            return error;
        }
    }
    return 0;
}

/* The chunks of a family: its cells, without those that differ only in the threads. */
static size_t family_chunks(const struct family *family, int64_t chunks[OPTIONS_MAX_CHUNKS])
{
    const struct sweep_cell *cells = family->sweep->cells + family->first_cell;
    size_t count = 0;

    for (size_t i = 0; i < family->cell_count; i++) {
        if (i == 0 || cells[i].chunk_bytes != cells[i - 1].chunk_bytes)
            chunks[count++] = (int64_t)cells[i].chunk_bytes;
    }
    return count;
}

/* "/order:random": only what is not as it normally is. */
static void name_axes(const struct family *family, char name[SWEEP_NAME_BYTES])
{
    const struct span normally[NAME_AXES] = {{NULL, 0}};
    char depth[16];
    const char *const values[NAME_AXES] = {[NAME_AXIS_ORDER] = bm_order_name(family->order),
                                           [NAME_AXIS_MODE] = bm_mode_name(family->talk),
                                           [NAME_AXIS_LATENCY] =
                                               options_latency_name(family->latency),
                                           [NAME_AXIS_DEPTH] = depth};

    snprintf(depth, sizeof depth, "%u", family->depth > 0 ? family->depth : BM_DEPTH);
    for (int axis = 0; axis < NAME_AXES; axis++) {
        size_t used = strlen(name);
        if (!span_is(name_axis_value(normally, (enum name_axis)axis), values[axis]))
            snprintf(name + used, SWEEP_NAME_BYTES - used, "/%s:%s",
                     name_axis_key((enum name_axis)axis), values[axis]);
    }
}

static int register_family(struct sweep *sweep, struct family *family)
{
    const struct options *options = sweep->options;
    int64_t size = (int64_t)options->file_size_bytes;
    int64_t chunks[OPTIONS_MAX_CHUNKS];
    char name[SWEEP_NAME_BYTES];
    struct benchmark_axis axes[] = {
        {.name = "size", .values = &size, .count = 1},
        {.name = "chunk", .values = chunks, .count = family_chunks(family, chunks)}};

    if (family->cell_count == 0)
        return 0;
    /* In lockstep, too, a channel has two processors. */
    bool unbound = bm_kernel_kind(family->kernel) == BM_KIND_CHANNEL;
    snprintf(name, sizeof name, "%s/file:%s/sync:%s", bm_kernel_name(family->kernel),
             bm_file_state_name(family->state), bm_sync_mode_name(family->mode));
    name_axes(family, name);
    return benchmark_register(&(struct benchmark_definition){.name = name,
                                                             .run = sweep->run,
                                                             .user = family,
                                                             .axes = axes,
                                                             .axis_count = 2,
                                                             .threads = options->threads,
                                                             .thread_count = options->thread_count,
                                                             .unbound = unbound,
                                                             .clock = BENCHMARK_CLOCK_MANUAL});
}

static bool walks(const struct options *options)
{
    return options->file_size_bytes <= WALK_MAX_BYTES;
}

uint64_t sweep_address_bytes(const struct options *options)
{
    uint64_t threads = (uint64_t)options_most_threads(options), size = options->file_size_bytes;
    uint64_t source = walks(options) ? size : 0;

    for (size_t i = 0; i < options->chunk_count; i++) {
        if (options->chunks[i] <= size && options->chunks[i] > source)
            source = options->chunks[i];
    }
    return size > (UINT64_MAX - source) / threads ? UINT64_MAX : threads * size + source;
}

static int create_source(struct sweep *sweep)
{
    const struct options *options = sweep->options;
    uint64_t bytes = walks(options) ? options->file_size_bytes : 1;
    void *source;
    int error;

    for (size_t i = 0; i < sweep->cell_count; i++) {
        if (sweep->cells[i].chunk_bytes > bytes)
            bytes = sweep->cells[i].chunk_bytes;
    }
    error = bm_source_create((size_t)bytes, &source);
    if (error != 0) {
        message("no memory for a chunk of %llu bytes; use smaller --chunks",
                (unsigned long long)bytes);
        return -E2BIG;
    }
    sweep->source = source;
    sweep->source_bytes = (size_t)bytes;
    return 0;
}

int sweep_create(struct sweep *sweep, const struct options *options, const struct workdir *workdir,
                 benchmark_function *run)
{
    int error = 0;

    *sweep = (struct sweep){.options = options, .workdir = workdir, .run = run};
    for (size_t i = 0; i < options->chunk_count; i++)
        sweep->larger_chunks += options->chunks[i] > options->file_size_bytes;
    if (sweep->larger_chunks == options->chunk_count) {
        message(
            "--chunks: every chunk size is larger than the file of %llu bytes; "
            "give a smaller one or a larger --file_size",
            (unsigned long long)options->file_size_bytes);
        return -EINVAL;
    }
    sweep->of_kernel = calloc(bm_kernel_count(), sizeof *sweep->of_kernel);
    error = sweep->of_kernel == NULL ? -ENOMEM : probe_states(sweep);
    for (size_t i = 0; error == 0 && i < bm_kernel_count(); i++)
        if (options_kind_of(options, bm_kernel_at(i)) >= 0)
            error = add_kernel(sweep, i);
    if (error == 0)
        error = create_source(sweep);
    for (size_t i = 0; error == 0 && i < sweep->family_count; i++)
        error = register_family(sweep, &sweep->families[i]);
    return error;
}

struct sweep_cell *sweep_cell(const struct family *family, uint64_t chunk_bytes, int threads)
{
    struct sweep_cell *cells = family->sweep->cells + family->first_cell;

    for (size_t i = 0; i < family->cell_count; i++) {
        if (cells[i].chunk_bytes == chunk_bytes && cells[i].threads == threads)
            return &cells[i];
    }
    return NULL;
}

void sweep_destroy(struct sweep *sweep)
{
    bm_source_destroy(sweep->source, sweep->source_bytes);
    for (size_t i = 0; i < sweep->cell_count; i++)
        free(sweep->cells[i].name);
    free(sweep->families);
    free(sweep->of_kernel);
    free(sweep->cells);
}
