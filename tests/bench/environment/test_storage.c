/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of the mount and the device that a directory lies on. */
#include "tests/support/make_environment.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void mount_options_lose_order_paths_and_people(void **state)
{
    static const struct {
        const char *line, *options;
    } mounts[] = {
        {"29 1 0:9 / / rw,noatime - nfs4 h:/x rw,vers=4.2,addr=10.0.0.1,clientaddr=10.0.0.2",
         "noatime,rw,vers=4.2"},
        {"29 1 0:9 / / noatime,rw shared:1 master:2 - nfs4 h:/x vers=4.2,rw",
         "noatime,rw,vers=4.2"},
        {"29 1 0:9 / / ro,nosuid - cifs //h/x rw,username=ada,uid=1000,forceuid,domain=HOME",
         "forceuid,nosuid,ro"},
        {"29 1 0:9 / / rw - ext4 x "
         "rw,context=\"system_u:object_r:a,b,c\",grpid,resgid=5,data=ordered",
         "data=ordered,grpid,rw"},
        {"29 1 0:9 / / rw - tmpfs tmpfs rw,size=1024k,nr_inodes=77,mode=700,huge=always",
         "huge=always,rw"},
        {"29 1 0:9 / / rw - fuse.sshfs ada@h:/x rw,user_id=1000,group_id=1000,allow_other",
         "allow_other,rw"},
        {"29 1 0:9 / / rw - tmpfs tmpfs", "rw"},
        {"29 1 0:9 / / rw", "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(mounts); i++)
        assert_value_with("proc/self/mountinfo", mounts[i].line, "mount_options",
                          mounts[i].options);
}

static void block_devices_are_walked_down_to_the_disk(void **state)
{
    struct tree tree;
    char path[4096];

    (void)state;
    tree_copy(&tree, "x86_nvme_ext4");
    tree_write(tree.root, "proc/self/mountinfo", "29 1 9:0 / / rw - ext4 /dev/md0 rw\n");
    tree_write(tree.root, "sys/dev/block/9:0/md/level", "raid1\n");
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "sys/dev/block/9:0/slaves/sd%c/device/model", 'f' - i);
        tree_write(tree.root, path, i == 5 ? "ST4000NM0035\n" : "other\n");
        snprintf(path, sizeof path, "sys/dev/block/9:0/slaves/sd%c/device/vendor", 'f' - i);
        tree_write(tree.root, path, "SEAGATE \n");
    }
    assert_value_in(tree.root, "block_device", "md raid1 of 6 on SEAGATE ST4000NM0035");

    tree_write(tree.root, "proc/self/mountinfo", "29 1 7:3 / / rw - ext4 /dev/loop3 rw\n");
    tree_write(tree.root, "sys/dev/block/7:3/uevent", "MAJOR=7\nMINOR=3\nDEVNAME=loop3\n");
    tree_write(tree.root, "sys/dev/block/7:3/loop/backing_file", "/home/ada/disk.img\n");
    assert_value_in(tree.root, "block_device", "loop");

    tree_write(tree.root, "proc/self/mountinfo", "29 1 0:40 / / rw - btrfs /dev/nvme0n1p2 rw\n");
    assert_value_in(tree.root, "block_device", "Samsung SSD 980 PRO 1TB");

    tree_write(tree.root, "proc/self/mountinfo", "29 1 0:40 / / rw - zfs tank/home/ada rw\n");
    assert_value_in(tree.root, "block_device", "unknown");
    tree_remove(&tree);
}

/* A chain of devices that leads back to itself must end. */
static void a_loop_of_devices_ends(void **state)
{
    struct environment environment;
    struct tree tree;
    char link[4096];
    const char *at;
    size_t layers = 0;

    (void)state;
    tree_copy(&tree, "x86_nvme_ext4");
    tree_write(tree.root, "proc/self/mountinfo", "29 1 9:0 / / rw - ext4 /dev/md0 rw\n");
    tree_write(tree.root, "sys/dev/block/9:0/md/level", "raid0\n");
    tree_write(tree.root, "sys/dev/block/9:0/slaves/.keep", "");
    tree_path(tree.root, "sys/dev/block/9:0/slaves/md0", link);
    assert_int_equal(symlink("..", link), 0);
    collect(&environment, tree.root);
    for (at = environment_get(&environment, "block_device"); (at = strstr(at, " on ")); at++)
        layers++;
    assert_in_range(layers, 1, 8);
    environment_free(&environment);
    tree_remove(&tree);
}

/* "DEVICE" stands for the number of the device that the current directory lies on. */
static void write_mounts(const struct tree *tree, const char *path, const char *line)
{
    const char *device = strstr(line, "DEVICE");
    char text[256];
    struct stat status;

    assert_int_equal(fstat(FIXTURE_FD, &status), 0);
    if (device == NULL)
        snprintf(text, sizeof text, "%s\n", line);
    else
        snprintf(text, sizeof text, "%.*s%u:%u%s\n", (int)(device - line), line,
                 major(status.st_dev), minor(status.st_dev), device + strlen("DEVICE"));
    tree_write(tree->root, path, text);
}

/* In a chroot, mountinfo lacks the mount whose root lies outside. */
static void a_mount_that_is_not_listed_is_found_by_other_means(void **state)
{
    static const struct {
        const char *of_first_process, *own, *options, *lacks;
    } lists[] = {
        {"29 1 259:2 / / rw,noatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro", "",
         "errors=remount-ro,noatime,rw", "nothing"},
        {"77 1 DEVICE / / rw,nodev - ext4 /dev/x rw", "", "nodev,rw", ""},
        {"77 1 DEVICE / / rw,nodev - ext4 /dev/x rw", "78 1 DEVICE / / rw,nosuid - ext4 /dev/x rw",
         "nosuid,rw", ""},
        {"77 1 250:250 / / rw,nodev - ext4 /dev/x rw", "", "unknown", "mount_options"},
    };
    struct stat status;
    char path[96];

    (void)state;
    assert_int_equal(fstat(FIXTURE_FD, &status), 0);
    if (major(status.st_dev) == 0)
        skip(); /* there is no device to find */
    snprintf(path, sizeof path, "sys/dev/block/%u:%u/queue/rotational", major(status.st_dev),
             minor(status.st_dev));
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct environment environment;
        struct tree tree;
        tree_copy(&tree, "x86_nvme_ext4");
        tree_write(tree.root, path, "7\n");
        write_mounts(&tree, "proc/self/mountinfo", lists[i].own);
        write_mounts(&tree, "proc/1/mountinfo", lists[i].of_first_process);
        collect(&environment, tree.root);
        assert_value(&environment, "mount_options", lists[i].options);
        assert_value(&environment, "rotational", i == 0 ? "0" : "7");
        assert_non_null(strstr(environment_get(&environment, "machine_key_lacks"), lists[i].lacks));
        environment_free(&environment);
        tree_remove(&tree);
    }
}

static void shared_memory_is_memory(void **state)
{
    struct environment environment;
    int fd = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    if (fd < 0)
        skip();
    assert_int_equal(environment_collect(&environment, fd, ""), 0);
    assert_value(&environment, "file_system", "tmpfs");
    assert_value(&environment, "block_device", "none");
    assert_true(environment_is_memory_backed(&environment));
    environment_free(&environment);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mount_options_lose_order_paths_and_people),
        cmocka_unit_test(block_devices_are_walked_down_to_the_disk),
        cmocka_unit_test(a_loop_of_devices_ends),
        cmocka_unit_test(a_mount_that_is_not_listed_is_found_by_other_means),
        cmocka_unit_test(shared_memory_is_memory),
    };

    return cmocka_run_group_tests(tests, open_fixture_fd, close_fixture_fd);
}
