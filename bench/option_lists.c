/* SPDX-License-Identifier: Apache-2.0 */
#include "option_lists.h"

#include "src/base/number.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LESSON "1,8,16,64,128,256,1024,8192,131072,262144,524288,1048576,2097152,5242880,10485760"

enum { CHOICE_LEFT = 23, NAMES_MAX = 16, CHUNK_LEAST = 1 << 10, CHUNK_MOST = 10 << 20 };

struct list_item {
    const char *prefix;
    const struct option_row *row;
    struct options *options;
    char *text;
};

static int take_list(const char *prefix, const struct option_row *row, char *text, void *values)
{
    const struct list_kind *list = (const struct list_kind *)row->kind;
    struct list_item item = {prefix, row, values, NULL};
    int error = 0;

    memset((char *)values + list->offset, 0, list->size);
    for (size_t at = 1; error == 0 && (item.text = strsep(&text, ",")) != NULL; at++)
        error = *item.text != '\0' || (at == 1 && text == NULL)
                    ? list->add(&item)
                    : option_complain(prefix, "%s: value %zu of the list is empty", row->name, at);
    return error;
}

static int add_chunk(const struct list_item *item, uint64_t bytes)
{
    struct options *options = item->options;

    for (size_t i = 0; i < options->chunk_count; i++) {
        if (options->chunks[i] == bytes)
            return 0;
    }
    if (options->chunk_count == OPTIONS_MAX_CHUNKS)
        return option_complain(item->prefix,
                               "%s: more than %d chunk sizes; give fewer, or a range such as "
                               "1K..10M",
                               item->row->name, OPTIONS_MAX_CHUNKS);
    options->chunks[options->chunk_count++] = bytes;
    return 0;
}

/* FIRST..LAST doubles from the first on and ends with the last. */
static int add_range(const struct list_item *item, char *dots)
{
    const char *prefix = item->prefix, *name = item->row->name;
    uint64_t first, last;
    int error = 0;

    *dots = '\0';
    if (number_parse_bytes(item->text, &first) != 0 || number_parse_bytes(dots + 2, &last) != 0 ||
        first == 0 || last == 0)
        return option_complain(prefix, "%s=%s..%s: not two sizes, such as 1K..10M", name,
                               item->text, dots + 2);
    if (first > last)
        return option_complain(prefix,
                               "%s=%s..%s: the range runs backwards; give the smaller size first",
                               name, item->text, dots + 2);
    for (uint64_t bytes = first; error == 0 && bytes < last; bytes *= 2)
        error = add_chunk(item, bytes);
    return error != 0 ? error : add_chunk(item, last);
}

static int add_chunks(const struct list_item *item)
{
    char *dots = strstr(item->text, "..");
    uint64_t bytes;
    int error;

    if (dots != NULL)
        return add_range(item, dots);
    error = option_take_size(item->prefix, item->row, item->text, &bytes);
    return error != 0 ? error : add_chunk(item, bytes);
}

/* The list, or the name of one. */
static int take_chunks(const char *prefix, const struct option_row *row, char *text, void *values)
{
    char lesson[] = LESSON;

    return take_list(prefix, row, strcmp(text, "lesson") == 0 ? lesson : text, values);
}

void list_chunks_normally(struct options *options, uint64_t step)
{
    for (uint64_t bytes = CHUNK_LEAST; bytes < CHUNK_MOST; bytes *= step)
        options->chunks[options->chunk_count++] = bytes;
    options->chunks[options->chunk_count++] = CHUNK_MOST;
}

/* Marks the value with this name, or all of them. */
static int add_name(const struct list_item *item)
{
    const struct list_kind *list = (const struct list_kind *)item->row->kind;
    bool *marks = (bool *)((char *)item->options + list->offset);
    bool all = strcmp(item->text, "all") == 0, found = all;
    const char *names[NAMES_MAX] = {NULL};
    size_t used = 0;

    for (int i = 0; i < list->count; i++) {
        if (i == list->none)
            continue;
        if (all || strcmp(item->text, list->name(i)) == 0)
            found = marks[i] = true;
        names[used++] = list->name(i);
    }
    names[used] = "all";
    return found ? 0 : option_complain_of_name(item->prefix, item->row->name, item->text, names);
}

static int add_state(const struct list_item *item)
{
    item->options->all_states |= strcmp(item->text, "all") == 0;
    return add_name(item);
}

/* One for both ends of a channel, or one for each. */
static int add_cpu(const struct list_item *item)
{
    struct options *options = item->options;
    cpu_set_t allowed;
    char *end;
    long cpu = strtol(item->text, &end, 10);

    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    if (options->cpu_count == 2)
        return option_complain(item->prefix,
                               "%s: more than two processors: the first is the "
                               "sender's, the second the receiver's",
                               item->row->name);
    if (end == item->text || *end != '\0' || cpu < 0 || cpu >= CPU_SETSIZE ||
        !CPU_ISSET((size_t)cpu, &allowed))
        return option_complain(item->prefix, "%s=%s: not a processor that this program may use",
                               item->row->name, item->text);
    options->cpus[options->cpu_count++] = (int)cpu;
    options->cpus[1] = (int)cpu;
    return 0;
}

struct numbers {
    const char *what;
    int most, room;
    int *values; /* each once */
    size_t *count;
};

static int add_number(const struct list_item *item, const struct numbers *to)
{
    char *end;
    long number = strtol(item->text, &end, 10);

    if (end == item->text || *end != '\0' || number < 1 || number > to->most)
        return option_complain(item->prefix, "%s=%s: not a number of %s from 1 to %d",
                               item->row->name, item->text, to->what, to->most);
    for (size_t i = 0; i < *to->count; i++) {
        if (to->values[i] == number)
            return 0;
    }
    if (*to->count == (size_t)to->room)
        return option_complain(item->prefix, "%s: more than %d numbers of %s", item->row->name,
                               to->room, to->what);
    to->values[(*to->count)++] = (int)number;
    return 0;
}

static int add_thread_count(const struct list_item *item)
{
    struct options *options = item->options;

    return add_number(item,
                      &(struct numbers){"threads", OPTIONS_MAX_THREADS, OPTIONS_MAX_THREAD_COUNTS,
                                        options->threads, &options->thread_count});
}

static int add_depth(const struct list_item *item)
{
    struct options *options = item->options;

    return add_number(item, &(struct numbers){"chunks", BM_DEPTH_MOST, OPTIONS_MAX_DEPTHS,
                                              options->depths, &options->depth_count});
}

static const char *kind_name(int i)
{
    static const char *const names[BM_KINDS] = {
        [BM_KIND_WRITER] = "write", [BM_KIND_READER] = "read", [BM_KIND_CHANNEL] = "channel"};

    return names[i];
}

const char *options_latency_name(int i) { return i == LATENCY_EACH ? "each" : "none"; }

static const char *state_name(int i) { return bm_file_state_name((enum bm_file_state)i); }
static const char *talk_name(int i) { return bm_mode_name((enum bm_mode)i); }
static const char *mode_name(int i) { return bm_sync_mode_name((enum bm_sync_mode)i); }
static const char *order_name(int i) { return bm_order_name((enum bm_order)i); }

const enum bm_file_state list_normal_state[BM_KINDS] = {
    [BM_KIND_WRITER] = BM_FILE_STATE_NEW,
    [BM_KIND_READER] = BM_FILE_STATE_CACHED,
    [BM_KIND_CHANNEL] = BM_FILE_STATE_NONE,
};

static void print_choice(const char *name, const char *summary)
{
    char lead[32];

    snprintf(lead, sizeof lead, "    %s", name);
    option_help_fold(stdout, lead, CHOICE_LEFT, summary);
}

static void print_states(void)
{
    for (int i = 0; i < BM_FILE_STATES; i++) {
        enum bm_file_state state = (enum bm_file_state)i;
        bool written = bm_file_state_suits(state, BM_KIND_WRITER),
             read = bm_file_state_suits(state, BM_KIND_READER);
        char summary[200];
        snprintf(summary, sizeof summary, "%s%s%s",
                 !read      ? "written: "
                 : !written ? "read: "
                            : "",
                 bm_file_state_summary(state),
                 state == list_normal_state[BM_KIND_WRITER] ||
                         state == list_normal_state[BM_KIND_READER]
                     ? " [normally]"
                     : "");
        if (written || read)
            print_choice(state_name(i), summary);
    }
}

static void print_modes(void)
{
    for (int i = 0; i < BM_SYNC_MODES; i++)
        print_choice(mode_name(i), bm_sync_mode_summary((enum bm_sync_mode)i));
}

static void print_orders(void)
{
    for (int i = 0; i < BM_ORDERS; i++)
        print_choice(order_name(i), bm_order_summary((enum bm_order)i));
}

static void print_talks(void)
{
    for (int i = 0; i < BM_MODES; i++)
        print_choice(talk_name(i), bm_mode_summary((enum bm_mode)i));
}

#define EMPTIES(name) offsetof(struct options, name), sizeof((struct options *)NULL)->name
#define NOT_NAMES NULL, 0, -1
const struct list_kind
    list_chunks = {{.take = take_chunks}, add_chunks, EMPTIES(chunk_count), NOT_NAMES},
    list_kinds = {{.take = take_list, .normally = "write"},
                  add_name,
                  EMPTIES(kinds),
                  kind_name,
                  BM_KINDS,
                  -1},
    list_states = {{.take = take_list, .print_more = print_states},
                   add_state,
                   EMPTIES(states),
                   state_name,
                   BM_FILE_STATES,
                   BM_FILE_STATE_NONE},
    list_modes = {{.take = take_list, .normally = "none", .print_more = print_modes},
                  add_name,
                  EMPTIES(modes),
                  mode_name,
                  BM_SYNC_MODES,
                  -1},
    list_orders = {{.take = take_list, .normally = "sequential", .print_more = print_orders},
                   add_name,
                   EMPTIES(orders),
                   order_name,
                   BM_ORDERS,
                   -1},
    list_talks = {{.take = take_list, .normally = "stream", .print_more = print_talks},
                  add_name,
                  EMPTIES(talks),
                  talk_name,
                  BM_MODES,
                  -1},
    list_latencies = {{.take = take_list, .normally = "none"},
                      add_name,
                      EMPTIES(latencies),
                      options_latency_name,
                      LATENCIES,
                      -1},
    list_cpus = {{.take = take_list}, add_cpu, EMPTIES(cpu_count), NOT_NAMES},
    list_depths = {{.take = take_list}, add_depth, EMPTIES(depth_count), NOT_NAMES},
    list_threads = {{.take = take_list}, add_thread_count, EMPTIES(thread_count), NOT_NAMES};
