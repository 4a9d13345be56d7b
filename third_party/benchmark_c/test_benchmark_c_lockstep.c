/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking turns: a program that the test starts and gives its turns.
 */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>

/* One that says on stdout when it runs, and on how many processors it may. */
static void speak(struct benchmark_state *state, void *user)
{
    cpu_set_t set;

    (void)user;
    while (benchmark_keep_running(state))
        benchmark_set_iteration_time(state, 1e-3);
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    if (benchmark_thread_index(state) == 0)
        dprintf(STDOUT_FILENO, "ran on %d\n", CPU_COUNT(&set));
}

/* What the test starts: itself, with the framework's flags. */
static int be_program(int argc, char **argv)
{
    const int64_t values[] = {1, 2};
    const struct benchmark_axis axes[] = {{"size", values, 1}, {NULL, values, 2}};
    const int threads[] = {1, 2};
    const struct benchmark_definition all[] = {
        {.name = "All",
         .run = speak,
         .axes = axes,
         .axis_count = 2,
         .threads = threads,
         .thread_count = 2,
         .clock = BENCHMARK_CLOCK_MANUAL,
         .iterations = 1,
         .repetitions = 2},
        {.name = "Real", .run = speak, .clock = BENCHMARK_CLOCK_REAL, .iterations = 1},
        {.name = "Free", .run = speak, .iterations = 1, .unbound = true},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        assert_int_equal(benchmark_register(&all[i]), 0);
    int status = benchmark_main(argc, argv);
    dprintf(STDOUT_FILENO, "variable %s\n", getenv("BENCHMARK_LOCKSTEP") ? "set" : "gone");
    for (int fd = 3; fd <= 4; fd++)
        dprintf(STDOUT_FILENO, "descriptor %s\n",
                (fcntl(fd, F_GETFD) & FD_CLOEXEC) ? "closed on exec" : "inherited");
    return status;
}

struct program {
    pid_t pid;
    int go, asks, said; /* to it; from it; its stdout */
    char out[200];
};

static char *report_path;

static void start(struct program *program, const char *variable, const char *flag)
{
    int in[2], out[2], said[2];
    char path[100], own[PATH_MAX] = "", *environment[] = {(char *)variable, NULL};

    /* Under memcheck the link leads to memcheck, and only readlink() tells this program. */
    assert_true(readlink("/proc/self/exe", own, sizeof(own) - 1) > 0);
    snprintf(path, sizeof(path), "--benchmark_out=%s", report_path);
    assert_int_equal(pipe(in) | pipe(out) | pipe(said), 0);
    program->pid = fork();
    assert_true(program->pid >= 0);
    if (program->pid == 0) {
        for (int i = 0; i < 2; i++) { /* out of the way of 3 and 4 */
            in[i] = fcntl(in[i], F_DUPFD_CLOEXEC, 20);
            out[i] = fcntl(out[i], F_DUPFD_CLOEXEC, 20);
            said[i] = fcntl(said[i], F_DUPFD_CLOEXEC, 20);
        }
        for (int fd = 3; fd < 20; fd++)
            close(fd);
        dup2(said[1], STDOUT_FILENO);
        dup2(in[0], 3);
        dup2(out[1], 4);
        execle(own, "program", "--benchmark_enable_random_interleaving=true", path,
               "--benchmark_format=json", flag, (char *)NULL, environment);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    close(said[1]);
    *program = (struct program){.pid = program->pid, .go = in[1], .asks = out[0], .said = said[0]};
}

/* A line; "" at the end. */
static const char *line_of(int fd, char text[200])
{
    size_t length = 0;

    while (length < 199 && read(fd, text + length, 1) == 1 && text[length] != '\n')
        length++;
    text[length] = '\0';
    return text;
}

static int is_silent(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, 20) == 0;
}

static int end(struct program *program)
{
    int status;

    close(program->go);
    close(program->asks);
    close(program->said);
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *const cells[] = {"All/size:1/1/iterations:1/repeats:2/manual_time/threads:1",
                                    "All/size:1/1/iterations:1/repeats:2/manual_time/threads:2",
                                    "All/size:1/2/iterations:1/repeats:2/manual_time/threads:1",
                                    "All/size:1/2/iterations:1/repeats:2/manual_time/threads:2",
                                    "Real/iterations:1/real_time",
                                    "Free/iterations:1"};
enum { CELLS = COUNT(cells), TWICE = 4 };

static void a_list_is_answered_and_asks_for_no_turn(void **state)
{
    struct program program;
    char text[200], byte;

    (void)state;
    start(&program, "BENCHMARK_LOCKSTEP=3,4,0", "--benchmark_list_tests=true");
    assert_int_equal(read(program.asks, &byte, 1), 1);
    assert_int_equal(byte, '\n');
    for (size_t i = 0; i < CELLS; i++)
        assert_string_equal(line_of(program.said, text), cells[i]);
    assert_int_equal(read(program.asks, &byte, 1), 0);
    assert_int_equal(end(&program), 0);
}

/* By the name that the list has, in its order, without random interleaving. */
static void every_call_waits_for_its_turn(void **state)
{
    struct program program;
    cpu_set_t set;
    char text[200], expected[40];

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    int cpu = 0, all = CPU_COUNT(&set);
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    snprintf(expected, sizeof(expected), "BENCHMARK_LOCKSTEP=3,4,%d", cpu);
    start(&program, expected, "--benchmark_color=false");
    assert_string_equal(line_of(program.asks, text), "");
    for (size_t i = 0; i < CELLS; i++) {
        int bound = strstr(cells[i], "threads:2") == NULL && strncmp(cells[i], "Free", 4) != 0;
        for (size_t r = 0; r < (i < TWICE ? 2 : 1); r++) {
            assert_string_equal(line_of(program.asks, text), cells[i]);
            if (i == 0 && r == 0)
                assert_true(is_silent(program.said));
            assert_int_equal(write(program.go, "g", 1), 1);
            snprintf(expected, sizeof(expected), "ran on %d", bound ? 1 : all);
            assert_string_equal(line_of(program.said, text), expected);
        }
    }
    int context = 0, gone = 0, closed = 0;
    while (*line_of(program.said, text) != '\0') {
        snprintf(expected, sizeof(expected), "    \"lockstep\": \"%d\"", cpu);
        context += strncmp(text, expected, strlen(expected)) == 0;
        gone += strcmp(text, "variable gone") == 0;
        closed += strcmp(text, "descriptor closed on exec") == 0;
    }
    assert_int_equal(context, 1);
    assert_int_equal(gone, 1);
    assert_int_equal(closed, 2);
    assert_int_equal(end(&program), 0);
}

/* What was measured is in the report, the rest of it are error rows. */
static void without_turns_the_rest_fails_at_once(void **state)
{
    struct program program;
    char text[200];
    size_t measured = 0, failed = 0;

    (void)state;
    start(&program, "BENCHMARK_LOCKSTEP=3,4,-1", "--benchmark_filter=^All");
    for (int i = 0; i < 4; i++)
        (void)line_of(program.asks, text), (void)!write(program.go, "ggg", i == 0 ? 3 : 0);
    close(program.go);
    program.go = -1;
    while (*line_of(program.said, text) != '\0')
        continue;
    assert_int_equal(end(&program), 1);
    char *report = whole_file(report_path);
    for (const char *at = report; (at = strstr(at, "\"run_type\": \"iteration\"")) != NULL; at++)
        measured++;
    for (const char *at = report; (at = strstr(at, "takes turns with has ended")) != NULL; at++)
        failed++;
    assert_int_equal(measured, 8);
    assert_int_equal(failed, 5);
    free(report);
}

static void a_variable_that_is_none_is_ignored(void **state)
{
    static const char *const variables[] = {"BENCHMARK_LOCKSTEP=", "BENCHMARK_LOCKSTEP=3,4",
                                            "BENCHMARK_LOCKSTEP=3,4,0x", "BENCHMARK_LOCKSTEP=3,9,0",
                                            "BENCHMARK_LOCKSTEP=-1,4,0"};

    (void)state;
    for (size_t i = 0; i < COUNT(variables); i++) {
        struct program program;
        char text[200];
        start(&program, variables[i], "--benchmark_filter=^Real");
        assert_true(strncmp(line_of(program.said, text), "ran on ", 7) == 0);
        assert_string_equal(line_of(program.asks, text), "");
        assert_int_equal(end(&program), 0);
    }
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/benchmark_c_lockstep_XXXXXX";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_answered_and_asks_for_no_turn),
        cmocka_unit_test(every_call_waits_for_its_turn),
        cmocka_unit_test(without_turns_the_rest_fails_at_once),
        cmocka_unit_test(a_variable_that_is_none_is_ignored),
    };

    if (strcmp(argv[0], "program") == 0)
        return be_program(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    close(mkstemp(path));
    report_path = path;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)remove(path);
    return failed;
}
