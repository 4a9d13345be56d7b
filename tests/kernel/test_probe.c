/* SPDX-License-Identifier: Apache-2.0
 * A writer or a file state that cannot be here is left out with a reason. It never becomes an error
 * row, and it never takes another path than the one that it is named for. */
#include "src/kernel/kernel.h"
#include "tests/support/confine.h"
#include "tests/support/run_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 24

/* `words` are those of confine_main() and, behind "--", the flags of bench_mmap. Skips the test
 * where the constraint cannot be had. */
static struct test_process run_confined(const char *words)
{
    static char copy[512];
    const char *argv[MAX_WORDS] = {test_self(), "confine"};
    size_t count = 2;
    char *rest = copy, *word;
    struct test_process process;

    snprintf(copy, sizeof copy, "%s", words);
    while ((word = strsep(&rest, " ")) != NULL && count < MAX_WORDS - 3) {
        argv[count++] = strcmp(word, "DIR") == 0 ? directory.path : word;
        if (strcmp(word, "--") == 0) {
            argv[count++] = BENCH_MMAP_PROGRAM;
            argv[count++] = dir_flag;
        }
    }
    process = test_run(argv, NULL, NULL);
    if (process.status == CONFINE_IMPOSSIBLE) {
        printf("skipped: %s", process.err);
        test_process_free(&process);
        skip();
    }
    return process;
}

static struct test_process run_constrained(const char *constraint, const char *flags)
{
    char words[512];

    snprintf(words, sizeof words, "%s -- %s", constraint, flags);
    return run_confined(words);
}

/* Why the list says that a writer or a state is not here; NULL: nothing. */
static char *reason_of(const char *list, const char *name)
{
    char start[64], *line, *entry, *reason;

    snprintf(start, sizeof start, "\n  %-18s ", name);
    line = strstr(list, start);
    if (line == NULL)
        fail_msg("%s is not in the list", name);
    size_t bytes = 1 + strcspn(line + 1, "\n");
    while (strncmp(&line[bytes], "\n   ", 4) == 0)
        bytes += 1 + strcspn(&line[bytes + 1], "\n");
    entry = strndup(line, bytes);
    assert_non_null(entry);
    test_unfold(entry);
    reason = strstr(entry, " not here: ");
    reason = reason != NULL ? strdup(reason + strlen(" not here: ")) : NULL;
    free(entry);
    return reason;
}

static bool is_listed(const char *names, const char *writer)
{
    char start[64];

    snprintf(start, sizeof start, "%s/", writer);
    return strncmp(names, start, strlen(start)) == 0 ||
           (snprintf(start, sizeof start, "\n%s/", writer), strstr(names, start) != NULL);
}

#define SMALL "--all --file_size=64K --chunks=16K"

static void assert_refused(const char *constraint, const char *name, const char *because)
{
    bool state = name[0] >= 'a' && name[0] <= 'z';
    struct test_process list = run_constrained(constraint, "--writers " SMALL);
    struct test_process names =
        run_constrained(constraint, "--benchmark_list_tests --file=all " SMALL);
    char *reason, part[64];

    assert_int_equal(list.status, 0);
    assert_int_equal(names.status, 0);
    reason = reason_of(list.out, name);
    if (reason == NULL)
        fail_msg("%s: %s is here", constraint, name);
    if (strstr(reason, because) == NULL && strstr(reason, "built without") == NULL)
        fail_msg("%s: %s is not here: %s", constraint, name, reason);
    snprintf(part, sizeof part, "/file:%s/", name);
    if (state ? strstr(names.out, part) != NULL : is_listed(names.out, name))
        fail_msg("%s: %s is not here, and is measured", constraint, name);
    assert_true(is_listed(names.out, "Write"));
    free(reason);
    test_process_free(&list);
    test_process_free(&names);
}

/* The others go on as if nothing were. */
static void assert_others_run(const char *constraint)
{
    struct test_process process =
        run_constrained(constraint, "--file=all --benchmark_repetitions=1 " SMALL);

    if (process.status != 0 || strstr(process.out, "error") != NULL)
        fail_msg("%s: status %d\n%s%s", constraint, process.status, process.out, process.err);
    test_process_free(&process);
}

static void test_refused_calls_are_reasons(void **state)
{
    static const struct {
        const char *constraint, *name, *because;
    } cases[] = {
        {"deny io_uring_setup EPERM", "Uring", "switched off"},
        {"deny io_uring_setup EPERM", "UringFixed", "switched off"},
        {"deny io_uring_setup ENOSYS", "Uring", "no io_uring"},
        {"deny io_uring_setup ENOSYS", "UringFixed", "no io_uring"},
        {"deny populate_write EINVAL", "MmapPopulateWrite", "MADV_POPULATE_WRITE"},
        {"deny dontcache EOPNOTSUPP", "Dontcache", "RWF_DONTCACHE"},
        {"deny fallocate EOPNOTSUPP", "MmapFalloc", "size failed"},
        {"deny fallocate EOPNOTSUPP", "WriteFalloc", "size failed"},
        {"deny fallocate EOPNOTSUPP", "prealloc", "fallocate()"},
        {"deny fallocate EPERM", "prealloc", "fallocate()"},
        {"deny copy_file_range EXDEV", "CopyFileRange", "fill failed"},
        {"deny copy_file_range ENOSYS", "CopyFileRange", "fill failed"},
        {"deny memfd_create ENOSYS", "Sendfile", "Function not implemented"},
        {"deny vmsplice EPERM", "Splice", "fill failed"},
        {"deny mincore ENOSYS", "cold", "page cache"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refused(cases[i].constraint, cases[i].name, cases[i].because);
        if (i == 0 || strcmp(cases[i].constraint, cases[i - 1].constraint) != 0)
            assert_others_run(cases[i].constraint);
    }
}

/* The multiple that Direct asks for here; 0: it is not here. */
static uint64_t alignment_under(const char *constraint)
{
    static const char before[] = "here: chunk and file size in multiples of ";
    struct test_process list = run_constrained(constraint, "--writers");
    char *reason = reason_of(list.out, "Direct");
    const char *text = strstr(list.out, before);
    uint64_t bytes =
        reason != NULL || text == NULL ? 0 : strtoull(text + sizeof before - 1, NULL, 10);

    assert_int_equal(list.status, 0);
    free(reason);
    test_process_free(&list);
    return bytes;
}

/* Without statx() it is found by trying: what is taken may be less strict than what is said. */
static void test_alignment_is_found_without_statx(void **state)
{
    uint64_t said = alignment_under("no-ipc-lock"), tried = alignment_under("deny statx ENOSYS");

    (void)state;
    if (said == 0) {
        printf("skipped: no direct I/O in %s\n", directory.path);
        assert_int_equal(tried, 0);
        skip();
    }
    assert_true(tried >= said && tried <= 4096);
    assert_others_run("deny statx ENOSYS");
}

static void test_direct_writes_through_a_cache_are_refused(void **state)
{
    (void)state;
    assert_refused("tmpfs size=64m DIR", "Direct", "page cache");
    assert_refused("tmpfs size=64m DIR", "cold", "page cache");
    assert_others_run("tmpfs size=64m DIR");
}

static void test_small_address_space_leaves_the_window(void **state)
{
    static const char limit[] = "limit AS 110000000";
    struct test_process list, names, process;
    char *reason;

    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    printf("skipped: sanitizers need address space\n");
    skip();
#endif
    list = run_constrained(limit, "--writers --kind=all --file_size=128M --chunks=1M");
    names = run_constrained(limit,
                            "--all --kind=all --benchmark_list_tests --file_size=128M --chunks=1M");
    assert_int_equal(list.status, 0);
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *writer = bm_kernel_at(i);
        if (!bm_kernel_is_mapping(writer) || (writer->flags & KERNEL_WINDOWS))
            continue;
        reason = reason_of(list.out, writer->name);
        assert_non_null(reason);
        assert_false(is_listed(names.out, writer->name));
        if (strcmp(writer->name, "Mmap") == 0)
            assert_non_null(strstr(reason, "RLIMIT_AS"));
        free(reason);
    }
    assert_true(is_listed(names.out, "MmapWindow"));
    process = run_constrained(limit,
                              "--file_size=128M --chunks=1M --benchmark_repetitions=1 "
                              "--benchmark_filter=^(MmapWindow|Write|Memcpy)/");
    if (process.status != 0)
        fail_msg("%s%s", process.out, process.err);
    test_process_free(&list);
    test_process_free(&names);
    test_process_free(&process);
}

/* A kernel that is not here is no news for who asks for another. */
static void test_only_kernels_that_are_asked_for_are_left_out(void **state)
{
    static const struct {
        const char *flags;
        const char *line; /* NULL: none */
    } cases[] = {
        {"--benchmark_filter=^Write/ ", NULL},
        {"--benchmark_filter=^(Write|Uring)/file:new ", "left out: 1 kernel that"},
        {"--benchmark_filter=^(Write|Uring)/file:cold ", NULL},
        {"--benchmark_filter=-^(Mmap|Dontcache|Direct|Uring[FD]) ", "left out: 1 kernel that"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char flags[200];
        snprintf(flags, sizeof flags, "%s--file_size=64K --chunks=16K --benchmark_repetitions=1",
                 cases[i].flags);
        struct test_process process = run_constrained("deny io_uring_setup EPERM", flags);
        const char *line = strstr(process.err, "left out: ");
        const char *there = line != NULL ? strstr(process.err, " cannot run here") : NULL;
        if (cases[i].line == NULL ? there != NULL
                                  : line == NULL || strstr(process.err, cases[i].line) == NULL)
            fail_msg("%s: %s", cases[i].flags, process.err);
        test_process_free(&process);
    }
}

static bool has_cell(const struct test_process *names, const char *writer, unsigned chunk)
{
    char part[96], line[128];

    snprintf(part, sizeof part, "/sync:none/size:4194304/chunk:%u/", chunk);
    snprintf(line, sizeof line, "\n%s/file:new%s", writer, part);
    return strstr(names->out, line) != NULL;
}

static void test_registered_buffers_keep_to_the_limit(void **state)
{
    static const char limit[] = "no-ipc-lock limit MEMLOCK 1048576";
    struct test_process names, process;

    (void)state;
    names = run_constrained(limit, "--all --benchmark_list_tests --file_size=4M --chunks=512K,1M");
    if (!is_listed(names.out, "Uring")) {
        printf("skipped: no io_uring here\n");
        test_process_free(&names);
        skip();
    }
    assert_true(has_cell(&names, "UringFixed", 512 << 10));
    assert_false(has_cell(&names, "UringFixed", 1 << 20));
    assert_true(has_cell(&names, "Uring", 1 << 20));
    test_process_free(&names);
    /* Four threads share it; and a sample finds what the one before has given back. */
    names = run_constrained(
        limit, "--all --benchmark_list_tests --file_size=4M --chunks=128K,256K --threads=4");
    assert_true(has_cell(&names, "UringFixed", 128 << 10));
    assert_false(has_cell(&names, "UringFixed", 256 << 10));
    process = run_constrained(limit,
                              "--file_size=1M --chunks=512K --benchmark_repetitions=40 "
                              "--benchmark_filter=^UringFixed/");
    if (process.status != 0)
        fail_msg("%s%s", process.out, process.err);
    test_process_free(&names);
    test_process_free(&process);
    assert_refused("no-ipc-lock limit MEMLOCK 0", "UringFixed", "RLIMIT_MEMLOCK");
}

static void test_small_file_limit_gets_a_sentence(void **state)
{
    struct test_process process = run_confined("limit FSIZE 1048576 -- --file_size=4M");

    (void)state;
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --file_size=4194304: ");
    assert_non_null(strstr(process.err, "(ulimit -f)"));
    test_process_free(&process);
    /* What is tried for a writer may be larger than the files that are asked for. */
    assert_others_run("limit FSIZE 1048576");
}

/* With one more each time, down to the files that the program itself needs. */
static void test_few_open_files_leave_out_a_writer(void **state)
{
    bool left_out = false, measured = false;

    (void)state;
    for (int files = 4; files < 60 && !measured; files++) {
        char words[128];
        snprintf(words, sizeof words,
                 "limit NOFILE %d -- --file_size=64K --chunks=16K --benchmark_repetitions=1 "
                 "--benchmark_filter=^Write/ --summary=never",
                 files);
        struct test_process process = run_confined(words);
        assert_null(strstr(process.err, "the file system of"));
        left_out = left_out || (process.status == 0 && strstr(process.err, " is left out: trying"));
        measured = process.status == 0 && strstr(process.err, " is left out: trying") == NULL;
        test_process_free(&process);
    }
    assert_true(left_out && measured);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_calls_are_reasons),
        cmocka_unit_test(test_alignment_is_found_without_statx),
        cmocka_unit_test(test_direct_writes_through_a_cache_are_refused),
        cmocka_unit_test(test_small_address_space_leaves_the_window),
        cmocka_unit_test(test_only_kernels_that_are_asked_for_are_left_out),
        cmocka_unit_test(test_registered_buffers_keep_to_the_limit),
        cmocka_unit_test(test_small_file_limit_gets_a_sentence),
        cmocka_unit_test(test_few_open_files_leave_out_a_writer),
    };

    confine_main(argc, argv);
    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
