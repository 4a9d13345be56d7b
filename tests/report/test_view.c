/* SPDX-License-Identifier: Apache-2.0 */
/* What suits a terminal. */
#include "src/report/document.h"
#include "tests/support/support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int master;
static FILE *terminal;

static int open_terminal(void **state)
{
    (void)state;
    master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return -1;
    terminal = fopen(ptsname(master), "w");
    return terminal == NULL;
}

static int close_terminal(void **state)
{
    (void)state;
    fclose(terminal);
    return close(master);
}

static void a_line_is_cut_to_the_width_that_the_terminal_has_now(void **state)
{
    static const char start[] = "\r\033[K";
    static const char text[] = "measuring: about 3 min left, 1234 of 3300 samples, 3 min passed";

    (void)state;
    for (unsigned short width = 20; width <= 100; width = (unsigned short)(width + 40)) {
        const struct winsize size = {.ws_row = 24, .ws_col = width};
        char seen[200];
        assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
        view_line(terminal, "%s", text);
        ssize_t bytes = read(master, seen, sizeof seen);
        size_t shown = width <= strlen(text) ? (size_t)width - 1 : strlen(text);
        assert_int_equal(bytes, strlen(start) + shown);
        assert_memory_equal(seen, start, strlen(start));
        assert_memory_equal(seen + strlen(start), text, shown);
    }
}

static void a_dumb_terminal_and_a_pipe_have_no_line(void **state)
{
    FILE *file = fopen("/dev/null", "w");

    (void)state;
    assert_non_null(file);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    assert_true(view_has_line(terminal));
    assert_true(view_for(terminal).colour);
    assert_false(view_has_line(file));
    setenv("NO_COLOR", "1", 1);
    assert_true(view_has_line(terminal));
    assert_false(view_for(terminal).colour);
    setenv("TERM", "dumb", 1);
    assert_false(view_has_line(terminal));
    unsetenv("TERM");
    assert_false(view_has_line(terminal));
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_cut_to_the_width_that_the_terminal_has_now),
        cmocka_unit_test(a_dumb_terminal_and_a_pipe_have_no_line),
    };
    return cmocka_run_group_tests(tests, open_terminal, close_terminal);
}
