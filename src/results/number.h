/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as JSON writes them, read the same under every locale. */
#ifndef RESULTS_NUMBER_H
#define RESULTS_NUMBER_H

/* Reads the number that begins at text (NUL-terminated); returns what follows, or NULL when no
 * number in JSON's grammar (RFC 8259, section 6) begins there. Out of range: infinity or 0. */
const char *results_number_scan(const char *text, double *value);

#endif
