/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

int fault_is_missing(enum cell_fault fault)
{
    return fault == FAULT_OLD_ONLY || fault >= FAULT_SOME;
}

void notes_add(struct arena *arena, struct notes *notes, struct note note)
{
    struct note *added = arena_append(arena, &notes->items, &notes->count, sizeof *added);

    if (added != NULL)
        *added = note;
}

void note_add_name(struct arena *arena, struct note *note, const char *name)
{
    char **added = arena_append(arena, &note->names, &note->name_count, sizeof *added);

    if (added != NULL)
        *added = arena_text(arena, name);
}

void context_differences_add(struct arena *arena, struct context_differences *differences,
                             const struct context_key *field, const char *const value[2])
{
    struct context_difference *added =
        arena_append(arena, &differences->items, &differences->count, sizeof *added);

    if (added == NULL)
        return;
    added->field = field;
    for (int side = 0; side < 2; side++)
        added->value[side] = arena_text(arena, context_value_or_unknown(value[side]));
}

int context_differs(const struct run *const *runs, size_t count, const char *key,
                    const char *value[2])
{
    value[0] = run_context(runs[0], key);
    for (size_t i = 1; i < count; i++) {
        value[1] = run_context(runs[i], key);
        if (strcmp(context_value_or_unknown(value[0]), context_value_or_unknown(value[1])) != 0)
            return 1;
    }
    return 0;
}
