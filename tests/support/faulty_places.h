/* SPDX-License-Identifier: Apache-2.0
 * File systems that are made for a test, and what may be wrong with the place that a sample is
 * written to. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_FAULTY_PLACES_H
#define BENCH_MMAP_TESTS_SUPPORT_FAULTY_PLACES_H

#include "support.h"

enum { ANYWHERE, MOUNTED, ON_A_DEVICE, FAULTY_PLACES = 8, FAULTY_PLACE_ERRORS = 3 };

struct faulty_place {
    const char *name;
    int (*make)(void);    /* 0: it is so now, for this process and its children */
    int (*restore)(void); /* the file system, once they have ended; NULL: nothing to be done */
    int errors[FAULTY_PLACE_ERRORS]; /* what a sample may fail with: any of them */
    int where;                       /* which file systems can be so */
};
extern const struct faulty_place faulty_places[FAULTY_PLACES];

struct file_system {
    const char *name, *make;
    int where;
};
extern const struct file_system file_systems[]; /* tmpfs first */
extern const size_t file_system_count;

extern struct test_directory work; /* of the samples: file_system_make() opens it */

/* -errno: nothing can be mounted here; work_open() gives a directory all the same. For samples of
 * so many bytes. */
int faulty_places_set_up(uint64_t bytes);
void faulty_places_tear_down(void);

/* The one of that number is mounted; not 0: it cannot be. */
int file_system_make(size_t number);
int file_system_remove(void);
int file_system_where(void); /* of the one that is mounted; ANYWHERE: none is */
const char *file_system_name(void);

/* Makes the directory where it is not there. */
int work_open(void);
int work_close(void);

/* Limits are soft ones. */
void lift_limits(void);

#endif
