/* SPDX-License-Identifier: Apache-2.0
 *
 * std::ofstream and std::ifstream from C. libbench_mmap calls these functions where the program has
 * them: one that links fstream_c.cc is C++, and the library asks that of nobody. Elsewhere their
 * addresses are NULL. All return 0 or -errno, and throw nothing. */
#ifndef FSTREAM_C_H
#define FSTREAM_C_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FSTREAM_C __attribute__((weak))

struct bm_ofstream;
struct bm_ifstream;

/* A stream over a descriptor, which is the stream's from now on: it is closed here where this
 * fails. Errors: -ENOMEM; of fcntl(). */
FSTREAM_C int bm_ofstream_open(int fd, struct bm_ofstream **stream);
FSTREAM_C int bm_ifstream_open(int fd, struct bm_ifstream **stream);

/* Writes all of it, to the buffer or past it; reads all of it. Errors: of write(), writev(),
 * read() and lseek(); -EIO where the file ends before. */
FSTREAM_C int bm_ofstream_write(struct bm_ofstream *stream, const char *from, uint64_t bytes);
FSTREAM_C int bm_ofstream_seek(struct bm_ofstream *stream, uint64_t at);
FSTREAM_C int bm_ofstream_flush(struct bm_ofstream *stream);
FSTREAM_C int bm_ifstream_read(struct bm_ifstream *stream, char *to, uint64_t bytes);

/* Closes the descriptor and frees the stream, whatever it returns. Errors: of write() and close().
 */
FSTREAM_C int bm_ofstream_close(struct bm_ofstream *stream);
FSTREAM_C int bm_ifstream_close(struct bm_ifstream *stream);

/* What the buffer holds, and from how many bytes on a write goes past it though it has room. */
FSTREAM_C uint64_t bm_fstream_buffer_bytes(void);
FSTREAM_C uint64_t bm_ofstream_direct_bytes(void);

#ifdef __cplusplus
}
#endif
#endif
