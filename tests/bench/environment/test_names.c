/* SPDX-License-Identifier: Apache-2.0 */
/* The environment tells no names of people and hosts. */
#include "tests/support/make_environment.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        bool starts = at == text || strchr(" ,=:/.;_-()\"'", at[-1]);

        if (starts && (at[length] == '\0' || strchr(" ,=:/.;_-()\"'", at[length])))
            return true;
    }
    return false;
}

static const char *key_with_word(const struct environment *environment, const char *word)
{
    for (size_t i = 0; *word && i < environment->count; i++)
        if (has_word(environment->entries[i].value, word))
            return environment->entries[i].key;
    return NULL;
}

/* The fixtures belong to "ada", whose name is in every path and host name of theirs. */
static void fixtures_leak_no_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct environment environment;
        char root[4096], host_path[4096], host[128];

        fixture_root(fixtures[i], root);
        tree_path(root, "proc/sys/kernel/hostname", host_path);
        tree_read(host_path, host, sizeof host);
        host[strcspn(host, "\n")] = '\0';
        collect(&environment, root);
        for (size_t entry = 0; entry < environment.count; entry++) {
            assert_null(strstr(environment.entries[entry].value, "ada"));
            assert_null(strstr(environment.entries[entry].value, host));
            assert_null(strstr(environment.entries[entry].value, "/home"));
        }
        environment_free(&environment);
    }
}

/* A name that even a foreign machine's values hold is an ordinary word: finding it proves nothing.
 */
static bool is_ordinary_word(const char *name)
{
    bool found = name[0] == '\0';

    for (size_t i = 0; i < FIXTURES && !found; i++) {
        struct environment environment;
        char root[4096];

        fixture_root(fixtures[i], root);
        collect(&environment, root);
        found = key_with_word(&environment, name) != NULL;
        environment_free(&environment);
    }
    return found;
}

static void this_machine_leaks_no_name(void **state)
{
    const struct passwd *user = getpwuid(getuid());
    struct environment environment;
    struct utsname system;
    const char *names[4] = {"", "", "", ""};

    (void)state;
    assert_int_equal(uname(&system), 0);
    names[0] = system.nodename;
    names[1] = getenv("HOME") ? getenv("HOME") : "";
    names[2] = getenv("USER") ? getenv("USER") : "";
    names[3] = user ? user->pw_name : "";
    assert_int_equal(environment_collect(&environment, FIXTURE_FD, ""), 0);
    assert_int_equal(environment_collect_after(&environment, ""), 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *key = key_with_word(&environment, names[i]);

        if (key && names[i][0] && strcmp(names[i], "/") != 0 && !is_ordinary_word(names[i]))
            fail_msg("%s tells the name \"%s\"", key, names[i]);
    }
    environment_free(&environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixtures_leak_no_name),
        cmocka_unit_test(this_machine_leaks_no_name),
    };

    return cmocka_run_group_tests(tests, open_fixture_fd, close_fixture_fd);
}
