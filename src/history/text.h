/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HISTORY_TEXT_H
#define HISTORY_TEXT_H

/* UTF-8 without control characters: what every back end and terminal takes. */
int text_is_clean(const char *text);

/* Every other byte becomes '?'. */
void text_clean(char *text);

#endif
