/* SPDX-License-Identifier: Apache-2.0 */
#include "make_environment.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

const char *const fixtures[FIXTURES] = {"x86_nvme_ext4", "arm_mmc_ext4", "kvm_virtio_xfs",
                                        "container_overlay", "btrfs_dm_crypt"};

void tree_path(const char *root, const char *path, char *full)
{
    int length = snprintf(full, 4096, "%s/%s", root, path);

    assert_in_range(length, 1, 4095);
}

void fixture_root(const char *name, char *root)
{
    tree_path(TEST_DATA_DIR "/environment", name, root);
}

void tree_write_bytes(const char *root, const char *path, const char *bytes, size_t size)
{
    char full[4096];
    FILE *file;

    tree_path(root, path, full);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(full, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void tree_write(const char *root, const char *path, const char *text)
{
    tree_write_bytes(root, path, text, strlen(text));
}

size_t tree_read(const char *full, char *text, size_t size)
{
    FILE *file = fopen(full, "r");
    size_t length;

    assert_non_null(file);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return length;
}

void tree_replace(const char *root, const char *path, const char *from, const char *to)
{
    char full[4096], before[32768], after[65536];
    size_t used = 0;
    const char *at;

    tree_path(root, path, full);
    tree_read(full, before, sizeof before);
    if (!strstr(before, from))
        fail_msg("%s does not hold \"%s\"", path, from);
    for (at = before; *at;) {
        bool match = strncmp(at, from, strlen(from)) == 0;

        assert_true(used + strlen(to) + 1 < sizeof after);
        if (match) {
            memcpy(after + used, to, strlen(to));
            used += strlen(to);
            at += strlen(from);
        } else {
            after[used++] = *at++;
        }
    }
    tree_write_bytes(root, path, after, used);
}

static char copy_from[4096], copy_to[64];

static int copy_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    const char *below = path + strlen(copy_from);
    char target[4096], text[32768];
    ssize_t length;

    (void)status;
    (void)walk;
    below += *below == '/';
    if (type == FTW_F) {
        size_t size = tree_read(path, text, sizeof text);

        tree_write_bytes(copy_to, below, text, size);
        return 0;
    }
    tree_path(copy_to, below, target);
    if (type != FTW_SL && type != FTW_SLN)
        return *below && mkdir(target, 0700) != 0;
    length = readlink(path, text, sizeof text - 1);
    assert_true(length > 0);
    text[length] = '\0';
    return symlink(text, target);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void tree_create(struct tree *tree)
{
    const char *folder = getenv("TMPDIR");

    if (!folder || strlen(folder) > 40)
        folder = "/tmp";
    snprintf(tree->root, sizeof tree->root, "%s/environment-XXXXXX", folder);
    assert_non_null(mkdtemp(tree->root));
}

void tree_copy(struct tree *tree, const char *fixture)
{
    tree_create(tree);
    fixture_root(fixture, copy_from);
    memcpy(copy_to, tree->root, sizeof copy_to);
    assert_int_equal(nftw(copy_from, copy_one, 16, FTW_PHYS), 0);
}

void tree_remove(const struct tree *tree)
{
    assert_int_equal(nftw(tree->root, remove_one, 16, FTW_PHYS | FTW_DEPTH), 0);
}

void collect(struct environment *environment, const char *root)
{
    assert_int_equal(environment_collect(environment, FIXTURE_FD, root), 0);
}

void assert_value(const struct environment *environment, const char *key, const char *value)
{
    const char *found = environment_get(environment, key);

    assert_non_null(found);
    if (strcmp(found, value) != 0)
        fail_msg("%s is \"%s\" instead of \"%s\"", key, found, value);
}

void assert_value_in(const char *root, const char *key, const char *value)
{
    struct environment environment;

    collect(&environment, root);
    assert_value(&environment, key, value);
    environment_free(&environment);
}

void assert_value_with(const char *path, const char *text, const char *key, const char *value)
{
    struct environment environment;
    struct tree tree;
    char full[4096];

    tree_copy(&tree, "x86_nvme_ext4");
    tree_path(tree.root, path, full);
    if (text)
        tree_write(tree.root, path, text);
    else
        assert_int_equal(unlink(full), 0);
    collect(&environment, tree.root);
    assert_value(&environment, key, value);
    environment_free(&environment);
    tree_remove(&tree);
}

void assert_clean_values(const struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++) {
        const char *at = environment->entries[i].value;
        mbstate_t state = {0};
        wchar_t character;
        size_t length;

        assert_in_range(strlen(at), 1, ENVIRONMENT_VALUE_SIZE - 1);
        for (; *at; at += length) {
            length = mbrtowc(&character, at, strlen(at), &state);
            if (length > 4 || iswcntrl((wint_t)character))
                fail_msg("%s is no clean line of text", environment->entries[i].key);
        }
    }
}

int open_fixture_fd(void **state)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8") || fd < 0)
        return -1;
    return dup2(fd, FIXTURE_FD) == FIXTURE_FD && close(fd) == 0 ? 0 : -1;
}

int close_fixture_fd(void **state)
{
    (void)state;
    return close(FIXTURE_FD);
}
