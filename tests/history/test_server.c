/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong with a store on a PostgreSQL server. */
#include "src/base/random.h"
#include "src/history/store.h"
#include "tests/support/make_store.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CRASHES = 4, RUNS_MOST = 100000 };

static struct test_directory place;

static int add_number(struct history *history, int number, int *already)
{
    struct test_run_spec spec = {
        .machine = "aa", .minute = number % 40000, .seed = (uint64_t)number};
    struct history_added added;
    char *text = test_run_text(&spec);
    int error = history_add(history, text, strlen(text), NULL, &added, NULL);

    *already = added.already;
    free(added.machine);
    free(text);
    return error;
}

/* Adds until the server dies; the first number that was not confirmed. */
static int add_until_it_dies(struct history *history, int from)
{
    int already, number = from, error = 0;

    while (number < RUNS_MOST && (error = add_number(history, number, &already)) == 0)
        number++;
    if (error != -ECONNRESET)
        fail_msg("%s (%s)", strerror(-error), history_problem(history));
    assert_true(strlen(history_problem(history)) > 0);
    /* And stays dead, with an error each time. */
    assert_int_equal(add_number(history, number, &already), -ECONNRESET);
    return number;
}

static int64_t count(struct history *history, const char *sql)
{
    int64_t number = -1;
    assert_int_equal(store_integer(history, sql, NULL, 0, &number), 0);
    return number;
}

static void loses_nothing_when_the_server_dies(void **state)
{
    char *url = test_store_url(TEST_POSTGRESQL, &place);
    int next = 0, already;

    (void)state;
    history_close(test_open(url, HISTORY_CREATE));
    for (int crash = 0; crash < CRASHES; crash++) {
        struct history *history = test_open(url, HISTORY_WRITE);
        struct timespec pause = {0, 30000000L + 17000000L * crash};
        pid_t server = test_server_pid();
        pid_t child = fork();
        if (child == 0) {
            nanosleep(&pause, NULL);
            _exit(kill(server, SIGQUIT) != 0);
        }
        int unsure = add_until_it_dies(history, next);
        history_close(history);
        waitpid(child, NULL, 0);
        test_server_crash();
        assert_null(test_server_start());
        history = test_open(url, HISTORY_WRITE);
        /* All that were confirmed are there; the last one wholly or not at all. */
        int64_t runs = count(history, "SELECT count(*) FROM bench_run");
        assert_true(runs == unsure || runs == unsure + 1);
        assert_int_equal(count(history, "SELECT count(*) FROM bench_value"), 4 * runs);
        assert_int_equal(count(history, "SELECT count(*) FROM bench_text"), runs);
        assert_int_equal(add_number(history, unsure, &already), 0);
        assert_int_equal(already, runs == unsure + 1);
        next = unsure + 1;
        assert_int_equal(count(history, "SELECT count(*) FROM bench_run"), next);
        history_close(history);
    }
    print_message("%d runs over %d crashes\n", next, CRASHES);
    free(url);
}

static void opens_with(const char *url, enum history_mode mode, int error, const char *part)
{
    struct history *history;
    int found = history_open(url, mode, &history);

    if (found != error || strstr(history_problem(history), part) == NULL)
        fail_msg("%s: %s (%s), not %s (%s)", url, strerror(-found), history_problem(history),
                 strerror(-error), part);
    history_close(history);
}

static char *changed(const char *url, const char *from, const char *to)
{
    const char *at = strstr(url, from);
    char *other = NULL;

    assert_non_null(at);
    assert_true(asprintf(&other, "%.*s%s%s", (int)(at - url), url, to, at + strlen(from)) > 0);
    return other;
}

static void write_private(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(file), 0);
}

static void says_what_the_server_says(void **state)
{
    char *url = test_store_url(TEST_POSTGRESQL, &place);
    char *user = changed(url, "user=tester", "user=stranger");
    char *database = changed(url, "/postgres?", "/no_such_database?");

    (void)state;
    opens_with(user, HISTORY_CREATE, -ECONNREFUSED, "\"stranger\" does not exist");
    opens_with(database, HISTORY_CREATE, -ECONNREFUSED, "\"no_such_database\" does not exist");
    opens_with("postgresql:///postgres?host=/nonexistent", HISTORY_READ, -ECONNREFUSED,
               "No such file or directory");
    opens_with("postgresql://127.0.0.1:1/postgres", HISTORY_READ, -ECONNREFUSED, "refused");
    opens_with("postgresql://[::1/x", HISTORY_READ, -EINVAL, "]");
    opens_with("postgresql:///x?nonsense=1", HISTORY_READ, -EINVAL, "nonsense");
    free(url);
    free(user);
    free(database);
}

static void knows_a_user_who_may_only_read(void **state)
{
    char *url = test_store_url(TEST_POSTGRESQL, &place);
    char *reader = changed(url, "user=tester", "user=reader"), sql[400];
    char *read_only = changed(url, "options=", "options=-cdefault_transaction_read_only%3Don%20");
    const char *schema = strstr(url, "%3D") + 3;
    struct history *history = test_open(url, HISTORY_CREATE);
    int already;

    (void)state;
    assert_int_equal(add_number(history, 1, &already), 0);
    history_close(history);
    snprintf(sql, sizeof sql,
             "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA %s TO reader; GRANT SELECT ON ALL "
             "TABLES IN SCHEMA %s TO reader",
             schema, schema);
    test_server_run(sql);
    struct history_runs runs;
    history = test_open(reader, HISTORY_READ);
    assert_int_equal(history_list(history, NULL, 0, &runs), 0);
    assert_int_equal(runs.count, 1);
    history_runs_free(&runs);
    history_close(history);
    history = test_open(reader, HISTORY_CREATE);
    assert_int_equal(add_number(history, 2, &already), -EACCES);
    assert_non_null(strstr(history_problem(history), "permission denied"));
    history_close(history);
    history = test_open(read_only, HISTORY_CREATE);
    assert_int_equal(add_number(history, 2, &already), -EROFS);
    history_close(history);
    /* A store that is only read cannot be changed by mistake. */
    history = test_open(url, HISTORY_READ);
    assert_int_equal(add_number(history, 2, &already), -EROFS);
    history_close(history);
    free(url);
    free(reader);
    free(read_only);
}

/* An index takes no names of more than 2.7 kB; only what cannot be compressed is as long. */
static char *long_named_run(void)
{
    struct random random;
    char name[5001], *text = NULL;

    random_seed(&random, 1);
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = (char)('0' + random_below(&random, 10) + ('A' - '0') * random_below(&random, 2));
    name[sizeof name - 1] = '\0';
    assert_true(asprintf(&text,
                         "{\"context\":{\"date\":\"2026-01-01T00:00:00Z\",\"machine_key\":\"aa\"},"
                         "\"benchmarks\":[{\"name\":\"%s\",\"run_type\":\"iteration\","
                         "\"real_time\":1,\"cpu_time\":1,\"time_unit\":\"ns\"}]}",
                         name) > 0);
    return text;
}

static void a_run_that_is_too_much_is_not_the_stores_fault(void **state)
{
    char *url = test_store_url(TEST_POSTGRESQL, &place), *text = long_named_run(), *path = NULL,
         *option = NULL;
    struct history *history = test_open(url, HISTORY_CREATE);
    struct history_added added;
    int already;

    (void)state;
    assert_int_equal(history_add(history, text, strlen(text), NULL, &added, NULL), -EFBIG);
    free(added.machine);
    assert_int_equal(count(history, "SELECT count(*) FROM bench_run"), 0);
    assert_int_equal(add_number(history, 1, &already), 0);
    history_close(history);
    /* So the program goes on with the next file. */
    assert_true(asprintf(&path, "%s/long.json", place.path) > 0);
    assert_true(asprintf(&option, "--db=%s", url) > 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    const char *const argv[] = {BENCH_RESULTS_PROGRAM, "add", path, "/nowhere", option, NULL};
    struct test_process process = test_run(argv, NULL, NULL);
    assert_int_equal(process.status, 1);
    assert_non_null(strstr(process.err, "long.json is more than postgresql://"));
    assert_non_null(strstr(process.err, "/nowhere cannot be read"));
    test_process_free(&process);
    free(option);
    free(path);
    free(text);
    free(url);
}

static void shows_no_password(void **state)
{
    static const struct {
        const char *url, *shown;
        int error;
    } cases[] = {
        {"postgresql://me:secret@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -ECONNREFUSED},
        {"postgresql://me:a?secret#@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -ECONNREFUSED},
        {"postgresql://me@127.0.0.1:1/x?password=secret", "postgresql://me@127.0.0.1:1/x?",
         -ECONNREFUSED},
        {"postgresql://me:a@127.0.0.1:1/x?password=secret", "postgresql://me@127.0.0.1:1/x?",
         -ECONNREFUSED},
        {"postgresql://me@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -ECONNREFUSED},
        {"postgresql://127.0.0.1:1/x?application_name=a@b",
         "postgresql://127.0.0.1:1/x?application_name=a@b", -ECONNREFUSED},
        {"postgresql://[::1]:1/x?application_name=a@b",
         "postgresql://[::1]:1/x?application_name=a@b", -ECONNREFUSED},
        /* What libpq cannot read, it quotes. */
        {"postgresql://me:secret%2@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -EINVAL},
        {"postgresql://me:secret/x@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -EINVAL},
        {"postgresql://me:1secret/x@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -EINVAL},
        {"postgresql://me:x@secret@127.0.0.1:1/x", "postgresql://me@127.0.0.1:1/x", -EINVAL}};
    struct history *history;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int error = history_open(cases[i].url, HISTORY_READ, &history);
        if (error != cases[i].error)
            fail_msg("%s: %s (%s)", cases[i].url, strerror(-error), history_problem(history));
        assert_string_equal(history_name(history), cases[i].shown);
        assert_null(strstr(history_problem(history), "secret"));
        assert_true(strlen(history_problem(history)) > 0);
        history_close(history);
    }
}

/* Where others do not see it: in a file that PGPASSFILE or a service names. */
static void takes_a_password_from_a_file(void **state)
{
    char *url = test_store_url(TEST_POSTGRESQL, &place);
    char *keeper = changed(url, "user=tester", "user=keeper"), text[300], path[120];
    char *service = changed(url, "user=tester", "service=store");
    const char *host = strstr(url, "host=") + 5;

    (void)state;
    test_server_run("CREATE ROLE keeper SUPERUSER LOGIN PASSWORD 'secret'");
    snprintf(path, sizeof path, "%s/words", place.path);
    opens_with(keeper, HISTORY_CREATE, -ECONNREFUSED, "password");
    snprintf(text, sizeof text, "*:*:*:keeper:secret\n");
    write_private(path, text);
    setenv("PGPASSFILE", path, 1);
    history_close(test_open(keeper, HISTORY_CREATE));
    unsetenv("PGPASSFILE");
    snprintf(text, sizeof text, "[store]\nhost=%.*s\nuser=keeper\npassword=secret\n",
             (int)strcspn(host, "&"), host);
    write_private(path, text);
    setenv("PGSERVICEFILE", path, 1);
    history_close(test_open(service, HISTORY_READ));
    unsetenv("PGSERVICEFILE");
    assert_int_equal(unlink(path), 0);
    free(service);
    free(keeper);
    free(url);
}

/* Carries what two sockets say to each other, until one has no more to say. */
static void carry(const int sides[2])
{
    struct pollfd polled[2] = {{.fd = sides[0], .events = POLLIN},
                               {.fd = sides[1], .events = POLLIN}};
    char bytes[65536];

    while (poll(polled, 2, -1) > 0)
        for (int s = 0; s < 2; s++) {
            if (polled[s].revents == 0)
                continue;
            ssize_t got = read(sides[s], bytes, sizeof bytes);
            if (got <= 0 || send(sides[!s], bytes, (size_t)got, MSG_NOSIGNAL) != got)
                return;
        }
}

/* The server listens in the file system only: a process of its own takes what comes over TCP there.
 * Its address goes into *address. */
static pid_t start_gateway(const char *directory, int directory_length, struct sockaddr_in *address)
{
    struct sockaddr_un server = {.sun_family = AF_UNIX};
    socklen_t length = sizeof *address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)address, sizeof *address), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)address, &length), 0);
    int size = snprintf(server.sun_path, sizeof server.sun_path, "%.*s/.s.PGSQL.5432",
                        directory_length, directory);
    assert_in_range(size, 1, sizeof server.sun_path - 1);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    /* Also when the test ends in its middle. */
    if (child == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        _exit(1);
    while (child == 0) {
        int sides[2] = {accept(listener, NULL, NULL), socket(AF_UNIX, SOCK_STREAM, 0)};
        if (sides[0] < 0 || connect(sides[1], (struct sockaddr *)&server, sizeof server) != 0)
            _exit(1);
        carry(sides);
        close(sides[0]);
        close(sides[1]);
    }
    close(listener);
    return child;
}

/* This process's socket that leads there. */
static int find_socket(const struct sockaddr_in *address)
{
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in peer = {0};
        socklen_t length = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &length) == 0 && peer.sin_family == AF_INET &&
            peer.sin_port == address->sin_port)
            return fd;
    }
    fail_msg("there is no connection");
    return -1;
}

static int option_of(const struct sockaddr_in *address, int level, int option)
{
    int value = -1;
    socklen_t length = sizeof value;

    assert_int_equal(getsockopt(find_socket(address), level, option, &value, &length), 0);
    return value;
}

/* A network that is cut is not waited for, for two hours; a URL may say otherwise. */
static void does_not_wait_for_a_network_that_is_gone(void **state)
{
    char *url = test_store_url(TEST_POSTGRESQL, &place), *tcp = NULL, *patient = NULL;
    const char *host = strstr(url, "host=") + 5, *rest = strchr(host, '&');
    struct sockaddr_in address;

    (void)state;
    pid_t gateway = start_gateway(host, (int)(rest - host), &address);
    assert_true(asprintf(&tcp, "postgresql://127.0.0.1:%d/postgres?%s", ntohs(address.sin_port),
                         rest + 1) > 0);
    assert_true(asprintf(&patient, "%s&tcp_user_timeout=77000", tcp) > 0);
    struct history *history = test_open(tcp, HISTORY_CREATE);
    int already;
    assert_int_equal(add_number(history, 1, &already), 0);
    assert_int_equal(option_of(&address, IPPROTO_TCP, TCP_USER_TIMEOUT), 30000);
    assert_int_equal(option_of(&address, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_true(option_of(&address, IPPROTO_TCP, TCP_KEEPIDLE) <= HISTORY_PATIENCE_S);
    history_close(history);
    history = test_open(patient, HISTORY_READ);
    assert_int_equal(option_of(&address, IPPROTO_TCP, TCP_USER_TIMEOUT), 77000);
    history_close(history);
    kill(gateway, SIGKILL);
    waitpid(gateway, NULL, 0);
    free(patient);
    free(tcp);
    free(url);
}

static void the_program_says_it_in_a_sentence(void **state)
{
    const char *const argv[] = {BENCH_RESULTS_PROGRAM, "machines",
                                "--db=postgresql://127.0.0.1:1/postgres", NULL};
    struct test_process process = test_run(argv, NULL, NULL);

    (void)state;
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err,
                        "bench_results machines: postgresql://127.0.0.1:1/postgres: "
                        "the server cannot be used (");
    test_process_free(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loses_nothing_when_the_server_dies),
        cmocka_unit_test(says_what_the_server_says),
        cmocka_unit_test(knows_a_user_who_may_only_read),
        cmocka_unit_test(a_run_that_is_too_much_is_not_the_stores_fault),
        cmocka_unit_test(shows_no_password),
        cmocka_unit_test(takes_a_password_from_a_file),
        cmocka_unit_test(does_not_wait_for_a_network_that_is_gone),
        cmocka_unit_test(the_program_says_it_in_a_sentence),
    };
    const char *reason = test_server_start();
    int status = TEST_SKIPPED;

    if (reason == NULL) {
        test_directory_create(&place);
        status = cmocka_run_group_tests(tests, NULL, NULL);
        test_directory_remove(&place);
    } else {
        printf("skipped: test_history_server: %s\n", reason);
    }
    test_server_stop();
    return status;
}
