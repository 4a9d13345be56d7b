/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "src/base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int notes_add(struct notes *notes, struct note note)
{
    struct note *larger = array_grow(notes->items, notes->count, sizeof *larger);

    if (larger == NULL) {
        note_free(&note);
        return -ENOMEM;
    }
    notes->items = larger;
    larger[notes->count++] = note;
    return 0;
}

int note_add_name(struct note *note, const char *name)
{
    char **larger = array_grow(note->names, note->name_count, sizeof *larger);
    char *own = strdup(name);

    if (larger != NULL)
        note->names = larger;
    if (larger == NULL || own == NULL) {
        free(own);
        return -ENOMEM;
    }
    larger[note->name_count++] = own;
    return 0;
}

int context_differences_add(struct context_differences *differences,
                            const struct context_key *field, const char *old_value,
                            const char *new_value)
{
    struct context_difference *larger =
        array_grow(differences->items, differences->count, sizeof *larger);

    if (larger == NULL)
        return -ENOMEM;
    differences->items = larger;
    struct context_difference *difference = &larger[differences->count++];
    *difference = (struct context_difference){
        field,
        {strdup(context_value_or_unknown(old_value)), strdup(context_value_or_unknown(new_value))}};
    return difference->value[0] == NULL || difference->value[1] == NULL ? -ENOMEM : 0;
}

void context_differences_free(struct context_differences *differences)
{
    for (size_t i = 0; i < differences->count; i++) {
        free(differences->items[i].value[0]);
        free(differences->items[i].value[1]);
    }
    free(differences->items);
    *differences = (struct context_differences){0};
}

void note_free(struct note *note)
{
    for (size_t i = 0; i < note->name_count; i++)
        free(note->names[i]);
    free(note->names);
    context_differences_free(&note->differences);
    *note = (struct note){.kind = NOTE_NONE};
}

void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        note_free(&notes->items[i]);
    free(notes->items);
    *notes = (struct notes){0};
}
