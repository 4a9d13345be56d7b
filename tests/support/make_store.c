/* SPDX-License-Identifier: Apache-2.0 */
#include "make_store.h"

#include "make_results.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_S = 60 };

static struct {
    struct test_directory directory;
    char programs[200]; /* where initdb and postgres are */
    pid_t pid;
    int schemas;
} server;

char *test_run_text(const struct test_run_spec *spec)
{
    static const uint64_t chunks[] = {4096, 65536};
    struct make_writer writers[] = {{.name = "Mmap", .fixed_ns = 9e6},
                                    {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900}};
    char context[2000], key[300] = "";

    writers[0].fixed_ns *= spec->slow > 0 ? spec->slow : 1;
    if (spec->machine != NULL)
        snprintf(key, sizeof key, ",\"machine_key\":\"%s\"", spec->machine);
    snprintf(context, sizeof context, ",\"date\":\"2026-01-%02dT%02d:%02d:00+00:00\"%s%s",
             1 + spec->minute / 1440, spec->minute / 60 % 24, spec->minute % 60, key,
             spec->context != NULL ? spec->context : "");
    struct make_spec made = {.writers = writers,
                             .writer_count = spec->without_write ? 1 : 2,
                             .chunks = chunks,
                             .chunk_count = 2,
                             .samples = spec->samples > 0 ? spec->samples : 3,
                             .noise = 0.05,
                             .seed = spec->seed + 1,
                             .size_bytes = 1 << 20,
                             .counters = 1,
                             .context = context};
    char *text = make_json(&made);
    assert_non_null(text);
    return text;
}

struct history *test_open(const char *url, enum history_mode mode)
{
    struct history *history;
    int error = history_open(url, mode, &history);

    if (error != 0)
        fail_msg("%s: %s (%s)", url, strerror(-error), history_problem(history));
    return history;
}

struct history_added test_add(struct history *history, const struct test_run_spec *spec)
{
    char *text = test_run_text(spec);
    struct history_added added;
    struct load_problem problem;
    int error = history_add(history, text, strlen(text), NULL, &added, &problem);

    if (error != 0)
        fail_msg("not added: %s (%s)", strerror(-error), history_problem(history));
    free(text);
    free(added.machine);
    added.machine = NULL;
    return added;
}

static const char *find_programs(void)
{
    glob_t found;
    int missing = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) != 0;

    if (!missing) {
        const char *path = found.gl_pathv[found.gl_pathc - 1];
        snprintf(server.programs, sizeof server.programs, "%.*s", (int)(strrchr(path, '/') - path),
                 path);
    }
    globfree(&found);
    return missing ? "no PostgreSQL server is installed (package postgresql)" : NULL;
}

/* A server refuses to run as root. */
static int leave_root(const struct passwd *user)
{
    return geteuid() != 0 ||
           (setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
}

static pid_t start(const char *const *argv)
{
    const struct passwd *user = getpwnam("nobody");
    pid_t child = user != NULL ? fork() : -1;

    if (child != 0)
        return child;
    int log = open("/dev/null", O_RDWR);
    /* Only after the user has changed: that forgets the signal. */
    if (!leave_root(user) || chdir(server.directory.path) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0)
        _exit(126);
    dup2(log, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    setenv("LC_ALL", "C", 1);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* Of one user, who need not be there. The first line that fits is taken. */
static const char *ask_for_password(const char *data)
{
    char path[120];

    snprintf(path, sizeof path, "%s/pg_hba.conf", data);
    FILE *file = fopen(path, "w");
    int failed =
        file == NULL || fputs("local all keeper password\nlocal all all trust\n", file) < 0;
    if (file != NULL)
        failed |= fclose(file) != 0;
    return failed ? "the server could not be told whom to trust" : NULL;
}

static const char *make_cluster(void)
{
    char initdb[300], data[100];
    const char *const argv[] = {initdb,
                                "--auth=trust",
                                "--username=tester",
                                "--encoding=UTF8",
                                "--no-sync",
                                "--pgdata",
                                data,
                                NULL};
    const struct passwd *user = getpwnam("nobody");
    int status;

    test_directory_create(&server.directory);
    if (user == NULL ||
        (geteuid() == 0 && chown(server.directory.path, user->pw_uid, user->pw_gid) != 0))
        return "there is no user nobody to run a server as";
    snprintf(initdb, sizeof initdb, "%s/initdb", server.programs);
    snprintf(data, sizeof data, "%s/data", server.directory.path);
    pid_t child = start(argv);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        return "initdb failed";
    return ask_for_password(data);
}

static int is_ready(void)
{
    char program[300];
    const char *const argv[] = {program, "-q", "-h", server.directory.path, NULL};

    snprintf(program, sizeof program, "%s/pg_isready", server.programs);
    struct test_process process = test_run(argv, NULL, NULL);
    int ready = process.status == 0;
    test_process_free(&process);
    return ready;
}

const char *test_server_start(void)
{
    char program[300], data[100];
    const char *const argv[] = {program,
                                "-D",
                                data,
                                "-k",
                                server.directory.path,
                                "-c",
                                "listen_addresses=",
                                "-c",
                                "max_connections=30",
                                NULL};
    const struct timespec pause = {0, 50000000};

    if (!history_has_postgresql())
        return "built without PostgreSQL";
    if (*server.programs == '\0') {
        const char *reason = find_programs();
        reason = reason == NULL ? make_cluster() : reason;
        if (reason != NULL)
            return reason;
    }
    snprintf(program, sizeof program, "%s/postgres", server.programs);
    snprintf(data, sizeof data, "%s/data", server.directory.path);
    server.pid = start(argv);
    for (int i = 0; server.pid > 0 && i < WAIT_S * 20; i++) {
        if (is_ready())
            return NULL;
        nanosleep(&pause, NULL);
    }
    return "the server did not start";
}

static void end_server(int sign)
{
    if (server.pid > 0) {
        kill(server.pid, sign);
        waitpid(server.pid, NULL, 0);
    }
    server.pid = 0;
}

pid_t test_server_pid(void) { return server.pid; }

void test_server_crash(void) { end_server(SIGQUIT); }

void test_server_stop(void)
{
    end_server(SIGQUIT);
    if (server.directory.path[0] != '\0')
        test_directory_remove(&server.directory);
}

void test_server_run(const char *sql)
{
    char program[300];
    const char *const argv[] = {program, "-q",       "-h", server.directory.path, "-U", "tester",
                                "-d",    "postgres", "-v", "ON_ERROR_STOP=1",     "-c", sql,
                                NULL};

    snprintf(program, sizeof program, "%s/psql", server.programs);
    struct test_process process = test_run(argv, NULL, NULL);
    if (process.status != 0)
        fail_msg("psql: %s", process.err);
    test_process_free(&process);
}

char *test_store_url(enum test_backend backend, const struct test_directory *place)
{
    static int files;
    char *url = NULL, sql[100];

    if (backend == TEST_SQLITE) {
        assert_true(asprintf(&url, "%s/%d.db", place->path, ++files) > 0);
        return url;
    }
    snprintf(sql, sizeof sql, "CREATE SCHEMA s%d", ++server.schemas);
    test_server_run(sql);
    assert_true(asprintf(&url,
                         "postgresql:///postgres?host=%s&user=tester&options=-csearch_path%%3Ds%d",
                         server.directory.path, server.schemas) > 0);
    return url;
}
