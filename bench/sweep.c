/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmark_c.h"
#include "fixture.h"
#include "message.h"

/* A file up to this size is verified against a source as long as itself, so that a chunk in the
 * wrong place is found; a larger one against its one chunk. */
#define WALK_MAX_BYTES ((uint64_t)32 << 20)

/* ---- Families ------------------------------------------------------------------------------ */

static int add_family(struct sweep *sweep, const struct writer *writer, enum file_state state,
                      enum sync_mode mode)
{
    struct family *families =
        realloc(sweep->families, (sweep->family_count + 1) * sizeof *families);

    if (families == NULL)
        return -ENOMEM;
    sweep->families = families;
    families[sweep->family_count++] =
        (struct family){.sweep = sweep, .writer = writer, .state = state, .mode = mode};
    return 0;
}

static int add_cell(struct sweep *sweep, struct family *family, uint64_t chunk_bytes)
{
    struct cell *cells = realloc(sweep->cells, (sweep->cell_count + 1) * sizeof *cells);
    struct cell *cell;

    if (cells == NULL)
        return -ENOMEM;
    sweep->cells = cells;
    cell = &cells[sweep->cell_count++];
    *cell = (struct cell){.chunk_bytes = chunk_bytes};
    snprintf(cell->name, sizeof cell->name, "%s/file:%s/sync:%s/size:%llu/chunk:%llu/manual_time",
             writer_name(family->writer), file_state_name(family->state),
             sync_mode_name(family->mode), (unsigned long long)sweep->options->file_size_bytes,
             (unsigned long long)chunk_bytes);
    family->cell_count++;
    return 0;
}

static int add_cells(struct sweep *sweep, struct family *family, const struct writer_limits *limits)
{
    const struct options *options = sweep->options;

    family->first_cell = sweep->cell_count;
    for (size_t i = 0; i < options->chunk_count; i++) {
        uint64_t chunk_bytes = options->chunks[i];
        int error;
        if (chunk_bytes > options->file_size_bytes)
            continue;
        if (chunk_bytes % limits->chunk_multiple_bytes != 0 ||
            options->file_size_bytes % limits->size_multiple_bytes != 0) {
            sweep->unaligned_cells++;
            continue;
        }
        error = add_cell(sweep, family, chunk_bytes);
        if (error != 0)
            return error;
    }
    return 0;
}

static int add_combination(struct sweep *sweep, const struct writer *writer,
                           const struct writer_limits *limits, enum file_state state,
                           enum sync_mode mode)
{
    char reason[WRITER_REASON_BYTES];
    int error;

    if (writer_accepts_state(writer, state, reason) != 0 ||
        writer_accepts_sync(writer, mode, reason) != 0)
        return 0;
    error = add_family(sweep, writer, state, mode);
    if (error == 0)
        error = add_cells(sweep, &sweep->families[sweep->family_count - 1], limits);
    return error;
}

/* A control is the same whatever the state and the mode: it is measured once. */
static int add_writer(struct sweep *sweep, const struct writer *writer)
{
    const struct options *options = sweep->options;
    char reason[WRITER_REASON_BYTES];
    struct writer_limits limits;
    int error = writer_probe(writer, sweep->workdir->fd, workdir_probe_name(), &limits, reason);

    if (error == -ENOTSUP) {
        sweep->absent_writers++;
        return 0;
    }
    if (error != 0) {
        message("%s: trying it in --dir=%s failed: %s", writer_name(writer), options->dir,
                strerror(-error));
        return error;
    }
    if (writer_is_control(writer))
        return add_combination(sweep, writer, &limits, FILE_STATE_NONE, SYNC_MODE_NONE);
    for (int state = 0; error == 0 && state < FILE_STATES; state++) {
        for (int mode = 0; error == 0 && mode < SYNC_MODES; mode++) {
            if (options->states[state] && options->modes[mode])
                error = add_combination(sweep, writer, &limits, (enum file_state)state,
                                        (enum sync_mode)mode);
        }
    }
    return error;
}

/* ---- Registering ----------------------------------------------------------------------------- */

static int register_family(struct sweep *sweep, struct family *family)
{
    int64_t size = (int64_t)sweep->options->file_size_bytes;
    int64_t chunks[OPTIONS_MAX_CHUNKS];
    char name[SWEEP_NAME_BYTES];
    struct benchmark_axis axes[] = {{.name = "size", .values = &size, .count = 1},
                                    {.name = "chunk", .values = chunks}};

    if (family->cell_count == 0)
        return 0;
    for (size_t i = 0; i < family->cell_count; i++)
        chunks[i] = (int64_t)sweep->cells[family->first_cell + i].chunk_bytes;
    axes[1].count = family->cell_count;
    snprintf(name, sizeof name, "%s/file:%s/sync:%s", writer_name(family->writer),
             file_state_name(family->state), sync_mode_name(family->mode));
    return benchmark_register(&(struct benchmark_definition){.name = name,
                                                             .run = fixture_run,
                                                             .user = family,
                                                             .axes = axes,
                                                             .axis_count = 2,
                                                             .clock = BENCHMARK_CLOCK_MANUAL});
}

static int create_source(struct sweep *sweep)
{
    const struct options *options = sweep->options;
    uint64_t bytes = options->file_size_bytes <= WALK_MAX_BYTES ? options->file_size_bytes : 1;
    void *source;
    int error;

    for (size_t i = 0; i < sweep->cell_count; i++) {
        if (sweep->cells[i].chunk_bytes > bytes)
            bytes = sweep->cells[i].chunk_bytes;
    }
    error = writer_source_create((size_t)bytes, &source);
    if (error != 0) {
        message("no memory for a chunk of %llu bytes; use smaller --chunks",
                (unsigned long long)bytes);
        return error;
    }
    sweep->source = source;
    sweep->source_bytes = (size_t)bytes;
    return 0;
}

int sweep_create(struct sweep *sweep, const struct options *options, const struct workdir *workdir)
{
    int error = 0;

    *sweep = (struct sweep){.options = options, .workdir = workdir};
    for (size_t i = 0; i < options->chunk_count; i++)
        sweep->larger_chunks += options->chunks[i] > options->file_size_bytes;
    if (sweep->larger_chunks == options->chunk_count) {
        message(
            "--chunks: every chunk size is larger than the file of %llu bytes; "
            "give a smaller one or a larger --file_size",
            (unsigned long long)options->file_size_bytes);
        return -EINVAL;
    }
    for (size_t i = 0; error == 0 && i < writer_count(); i++)
        error = add_writer(sweep, writer_at(i));
    if (error == 0)
        error = create_source(sweep);
    for (size_t i = 0; error == 0 && i < sweep->family_count; i++)
        error = register_family(sweep, &sweep->families[i]);
    if (error == -ENOMEM)
        message("out of memory");
    return error;
}

/* ---- Selecting
 * ----------------------------------------------------------------------------------- */

static void mark(void *user, const char *name)
{
    struct sweep *sweep = user;

    for (size_t i = 0; i < sweep->cell_count; i++) {
        if (strcmp(sweep->cells[i].name, name) == 0) {
            sweep->cells[i].selected = true;
            sweep->selected_count++;
            return;
        }
    }
}

int sweep_select(struct sweep *sweep, const char *filter)
{
    int error = benchmark_list(filter, mark, sweep);

    if (error == -EINVAL) {
        message("--benchmark_filter=%s: not a regular expression", filter);
        return error;
    }
    if (error == 0 && sweep->selected_count == 0) {
        message(
            "--benchmark_filter=%s: matches none of the %zu benchmarks; "
            "--benchmark_list_tests lists them, --file=all and --sync=all make more",
            filter, sweep->cell_count);
        error = -ENOENT;
    }
    return error;
}

struct cell *sweep_cell(const struct family *family, uint64_t chunk_bytes)
{
    struct cell *cells = family->sweep->cells + family->first_cell;

    for (size_t i = 0; i < family->cell_count; i++) {
        if (cells[i].chunk_bytes == chunk_bytes)
            return &cells[i];
    }
    return NULL;
}

void sweep_destroy(struct sweep *sweep)
{
    writer_source_destroy(sweep->source, sweep->source_bytes);
    free(sweep->families);
    free(sweep->cells);
}
