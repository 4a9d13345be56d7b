/* SPDX-License-Identifier: Apache-2.0 */
#include "round_directory.h"

#include "src/base/replace.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const round_sides[2] = {"old", "new"};

void round_path(const struct round_directory *directory, int side, size_t round, const char *end,
                char path[ROUND_PATH_SIZE])
{
    int length = snprintf(path, ROUND_PATH_SIZE, "%s/%s", directory->path, round_sides[side]);

    if (round > 0)
        snprintf(path + length, ROUND_PATH_SIZE - (size_t)length, "/%zu%s", round, end);
}

static int make_directory(const struct tool_command *command, const char *path)
{
    if (is_link_of_another(path))
        return tool_complain(command, "%s is a link of another user.", path);
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return TOOL_OK;
    return tool_complain(command, "the directory %s cannot be made: %s.", path, strerror(errno));
}

static int choose_directory(struct round_directory *directory, const char *keep)
{
    const char *base = getenv("TMPDIR");
    size_t size = sizeof directory->path;

    if (keep != NULL) {
        if (strlen(keep) >= size)
            return tool_complain(directory->command, "the path of --keep is too long.");
        snprintf(directory->path, size, "%s", keep);
        return make_directory(directory->command, directory->path);
    }
    snprintf(directory->path, size, "%.150s/bench_results.XXXXXX",
             base != NULL && *base != '\0' ? base : "/tmp");
    directory->is_temporary = 1;
    if (mkdtemp(directory->path) != NULL)
        return TOOL_OK;
    int result = tool_complain(directory->command, "no directory for the runs can be made: %s: %s.",
                               directory->path, strerror(errno));
    directory->path[0] = '\0';
    return result;
}

/* What is there was never ours: it is neither replaced nor mixed with new runs. */
static int is_empty(const char *path)
{
    DIR *directory = opendir(path);
    size_t names = 0;

    if (directory == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        names += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(directory);
    return names == 0;
}

static int make_sides(const struct round_directory *directory)
{
    char path[ROUND_PATH_SIZE];
    struct stat status;

    for (int side = 0; side < 2; side++) {
        round_path(directory, side, 0, "", path);
        if (make_directory(directory->command, path) != TOOL_OK)
            return TOOL_ERROR;
        int is_directory = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
        if (!is_directory || !is_empty(path))
            return tool_complain(directory->command, "%s is no %sdirectory; give --keep another.",
                                 path, is_directory ? "empty " : "");
    }
    return TOOL_OK;
}

/* Round 0 stands for the directories, which are empty then. */
void round_remove(const struct round_directory *directory, size_t round)
{
    char path[ROUND_PATH_SIZE];

    for (int side = 0; side < 2; side++) {
        round_path(directory, side, round, ".json", path);
        (void)remove(path);
        round_path(directory, side, round, ".stderr", path);
        (void)remove(path);
    }
}

int round_directory_open(struct round_directory *directory, const char *keep)
{
    int result = choose_directory(directory, keep);

    return result == TOOL_OK ? make_sides(directory) : result;
}

void round_directory_remove(const struct round_directory *directory, size_t rounds)
{
    if (directory->path[0] == '\0' || !directory->is_temporary)
        return;
    for (size_t round = rounds + 1; round-- > 0;)
        round_remove(directory, round);
    rmdir(directory->path);
}
