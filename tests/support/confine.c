/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include "make_environment.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void impossible(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    _exit(CONFINE_IMPOSSIBLE);
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define RWF_DONTCACHE_FLAG 0x80

/* `argument` is the number of the one that must have the value; -1: whatever they are. */
static const struct {
    const char *name;
    unsigned number;
    int argument;
    unsigned value;
} calls[] = {
    {"io_uring_setup", __NR_io_uring_setup, -1, 0},
    {"populate_write", __NR_madvise, 2, MADV_POPULATE_WRITE},
    {"dontcache", __NR_pwritev2, 5, RWF_DONTCACHE_FLAG},
    {"statx", __NR_statx, -1, 0},
    {"fallocate", __NR_fallocate, -1, 0},
    {"copy_file_range", __NR_copy_file_range, -1, 0},
    {"memfd_create", __NR_memfd_create, -1, 0},
    {"vmsplice", __NR_vmsplice, -1, 0},
    {"process_vm_readv", __NR_process_vm_readv, -1, 0},
    {"mq_open", __NR_mq_open, -1, 0},
    {"mincore", __NR_mincore, -1, 0},
};

static const struct {
    const char *name;
    unsigned number;
} errors[] = {
    {"EPERM", EPERM}, {"ENOSYS", ENOSYS},         {"EINVAL", EINVAL},
    {"EXDEV", EXDEV}, {"EOPNOTSUPP", EOPNOTSUPP},
};

static unsigned error_number(const char *name)
{
    for (size_t i = 0; i < COUNT(errors); i++) {
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].number;
    }
    abort();
}

/* The low half of an argument: these are ints. */
static unsigned argument_offset(int argument)
{
    unsigned offset =
        (unsigned)(offsetof(struct seccomp_data, args) + (size_t)argument * sizeof(uint64_t));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    offset += 4;
#endif
    return offset;
}

static void deny(const char *call, const char *error)
{
    size_t i = 0;

    while (i < COUNT(calls) && strcmp(calls[i].name, call) != 0)
        i++;
    if (i == COUNT(calls))
        abort();
    bool any = calls[i].argument < 0;
    unsigned offset = any ? offsetof(struct seccomp_data, nr) : argument_offset(calls[i].argument);
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, any ? calls[i].number : calls[i].value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error_number(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = COUNT(filter), .filter = filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        impossible("seccomp");
}

static void limit(const char *name, const char *bytes)
{
    int resource = strcmp(name, "AS") == 0         ? RLIMIT_AS
                   : strcmp(name, "FSIZE") == 0    ? RLIMIT_FSIZE
                   : strcmp(name, "NOFILE") == 0   ? RLIMIT_NOFILE
                   : strcmp(name, "MSGQUEUE") == 0 ? RLIMIT_MSGQUEUE
                                                   : RLIMIT_MEMLOCK;
    rlim_t value = strtoull(bytes, NULL, 10);
    struct rlimit both = {.rlim_cur = value, .rlim_max = value};

    if (setrlimit((__rlimit_resource_t)resource, &both) < 0)
        impossible("setrlimit");
}

static void stay_on_one_processor(void)
{
    cpu_set_t allowed, one;
    size_t cpu = 0;

    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        impossible("sched_getaffinity");
    while (!CPU_ISSET(cpu, &allowed))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) < 0)
        impossible("sched_setaffinity");
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, text, strlen(text)) < 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    close(fd);
}

/* Without privilege: as root of a user namespace. */
static bool enter_namespace(void)
{
    char map[64];
    unsigned user = geteuid(), group = getegid();

    if (unshare(CLONE_NEWNS) == 0)
        return true;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return false;
    write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", user);
    write_text("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", group);
    write_text("/proc/self/gid_map", map);
    return true;
}

bool confine_mount_tmpfs(const char *options, const char *dir)
{
    return enter_namespace() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("bench_mmap-test", dir, "tmpfs", 0, options) == 0;
}

void confine_main(int argc, char **argv)
{
    int i = 2;

    if (argc < 2 || strcmp(argv[1], "confine") != 0)
        return;
    while (strcmp(argv[i], "--") != 0) {
        const char *word = argv[i++];
        if (strcmp(word, "no-ipc-lock") == 0) {
            if (prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0) < 0 && geteuid() == 0)
                impossible("prctl");
        } else if (strcmp(word, "one-processor") == 0) {
            stay_on_one_processor();
        } else if (strcmp(word, "deny") == 0) {
            deny(argv[i], argv[i + 1]);
            i += 2;
        } else if (strcmp(word, "limit") == 0) {
            limit(argv[i], argv[i + 1]);
            i += 2;
        } else {
            if (!confine_mount_tmpfs(argv[i], argv[i + 1]))
                impossible("tmpfs");
            i += 2;
        }
    }
    execv(argv[i + 1], argv + i + 1);
    _exit(127);
}

void assert_confined_child(const char *name, const char *directory)
{
    int status = test_run_self(name, directory);

    if (status == CONFINE_IMPOSSIBLE) {
        printf("skipped: %s: it cannot be had here\n", name);
        skip();
    }
    if (status != 0)
        fail_msg("%s: status %d", name, status);
}
