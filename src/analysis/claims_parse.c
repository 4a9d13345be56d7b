/* SPDX-License-Identifier: Apache-2.0 */
#include "claims.h"

#include "src/base/number.h"
#include "src/base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

/* A line, and where in it. */
struct reader {
    struct arena *arena;
    struct claims_problem *problem;
    const char *line, *at;
};

static int refuse(struct reader *reader, struct span word, enum claims_fault fault)
{
    struct claims_problem *problem = reader->problem;
    int length = (int)(word.length < sizeof problem->word ? word.length : sizeof problem->word - 1);

    problem->fault = fault;
    problem->column = (size_t)(word.text - reader->line) + 1;
    snprintf(problem->word, sizeof problem->word, "%.*s", length, word.text);
    return -EINVAL;
}

static struct span trimmed(const char *from, const char *to)
{
    while (from < to && *from == ' ')
        from++;
    while (to > from && to[-1] == ' ')
        to--;
    return (struct span){from, (size_t)(to - from)};
}

/* A run of operator signs, or of everything else up to a blank; empty at the line's end. */
static struct span next_word(struct reader *reader)
{
    static const char signs[] = "<>=";
    const char *word = reader->at + strspn(reader->at, " ");
    size_t length = strspn(word, signs);

    length = length > 0 ? length : strcspn(word, " <>=");
    reader->at = word + length;
    return (struct span){word, length};
}

double claim_number(struct span text)
{
    char copy[32];
    uint64_t bytes;

    if (text.length == 0 || text.length >= sizeof copy)
        return (double)NAN;
    memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    return number_parse_bytes(copy, &bytes) == 0 ? (double)bytes : (double)NAN;
}

static struct claim_axis *add_axis(struct reader *reader, struct claim_axes *axes, struct span name)
{
    struct claim_axis *axis = arena_append(reader->arena, &axes->items, &axes->count, sizeof *axis);

    if (axis != NULL)
        axis->name = name;
    return axis;
}

static int add_value(struct reader *reader, struct claim_axis *axis, struct span text)
{
    struct claim_value *value =
        arena_append(reader->arena, &axis->values, &axis->count, sizeof *value);

    if (value == NULL)
        return -ENOMEM;
    *value = (struct claim_value){text, claim_number(text)};
    return 0;
}

/* "Mmap/file:overwrite": the series, and what is fixed behind it. */
static int read_side(struct reader *reader, struct span word, struct claim_side *side)
{
    const char *end = word.text + word.length, *at = word.text;
    int error = 0;

    if (word.length == 0 || !(isalpha((unsigned char)*at) || *at == '_'))
        return refuse(reader, word, CLAIMS_SERIES);
    side->series = word;
    while (error == 0 && at < end) {
        const char *slash = memchr(at, '/', (size_t)(end - at)), *to = slash != NULL ? slash : end;
        const char *colon = memchr(at, ':', (size_t)(to - at));
        struct span part = {at, (size_t)(to - at)};
        if (colon == NULL && side->axes.count > 0)
            return refuse(reader, part, CLAIMS_AXIS);
        if (colon == at || colon == to - 1 || at == to || slash == end - 1)
            return refuse(reader, part, CLAIMS_AXIS);
        if (colon != NULL && side->axes.count == 0)
            side->series.length = at == word.text ? 0 : (size_t)(at - 1 - word.text);
        if (colon != NULL) {
            struct claim_axis *axis =
                add_axis(reader, &side->axes, (struct span){at, (size_t)(colon - at)});
            error = axis == NULL ? -ENOMEM : add_value(reader, axis, trimmed(colon + 1, to));
        }
        at = to + 1;
    }
    return error == 0 && side->series.length == 0 ? refuse(reader, word, CLAIMS_SERIES) : error;
}

static int read_range(struct reader *reader, struct claim_axis *axis, struct span text)
{
    const char *dots = memmem(text.text, text.length, "..", 2);
    struct span low = trimmed(text.text, dots), high = trimmed(dots + 2, text.text + text.length);

    axis->low = low.length == 0 ? 0 : claim_number(low);
    axis->high = high.length == 0 ? (double)INFINITY : claim_number(high);
    if (low.length + high.length == 0 || !(axis->low <= axis->high))
        return refuse(reader, text, CLAIMS_RANGE);
    return 0;
}

/* "file:new, chunk:1K,4K": what has no colon is another value of the axis before it. */
static int read_where(struct reader *reader, struct claim_axes *axes)
{
    int error = 0, more = 1;

    for (struct claim_axis *axis = NULL; error == 0 && more;) {
        const char *at = reader->at, *comma = at + strcspn(at, ",");
        struct span item = trimmed(at, comma);
        const char *colon = memchr(item.text, ':', item.length);
        struct span value = item;
        more = *comma == ',';
        reader->at = comma + more;
        if (colon != NULL) {
            axis = add_axis(reader, axes, trimmed(item.text, colon));
            value = trimmed(colon + 1, item.text + item.length);
        }
        if (reader->arena->error != 0)
            return -ENOMEM;
        if (axis == NULL || value.length == 0 || axis->name.length == 0)
            return refuse(reader, item, CLAIMS_AXIS);
        if (memmem(value.text, value.length, "..", 2) != NULL)
            error = colon != NULL ? read_range(reader, axis, value)
                                  : refuse(reader, item, CLAIMS_RANGE);
        else if (colon == NULL && axis->count == 0)
            return refuse(reader, item, CLAIMS_RANGE);
        else
            error = add_value(reader, axis, value);
    }
    return error;
}

/* What the unit of a number makes of it; 0: not of that metric. */
static double unit_of(struct span unit, enum metric_kind kind)
{
    static const struct {
        const char *name;
        double factor;
    } times[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}},
      bytes[] = {{"", 1}, {"K", 0x1p10}, {"M", 0x1p20}, {"G", 0x1p30}};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (span_is(unit, kind == METRIC_KIND_TIME ? times[i].name : bytes[i].name) &&
            (kind != METRIC_KIND_COUNT || i == 0))
            return kind == METRIC_KIND_TIME ? times[i].factor : bytes[i].factor;
    return 0;
}

/* What the first side is compared with: everything behind the operator. */
static int read_reference(struct reader *reader, struct claim *claim)
{
    struct span word = next_word(reader);
    enum metric_kind kind = metric_info(claim->metric)->kind;
    const char *after = number_scan(word.text, &claim->factor), *before = reader->at;

    if (after == NULL) {
        claim->factor = 1;
    } else {
        struct span unit = {after, (size_t)(word.text + word.length - after)}, number = word;
        word = next_word(reader);
        if (unit.length > 0 || word.length == 0 || span_is(word, "where")) {
            reader->at = before;
            claim->against = AGAINST_NUMBER;
            claim->factor *= unit_of(unit, kind);
            if (unit_of(unit, kind) == 0)
                return refuse(reader, number, CLAIMS_UNIT);
            return isfinite(claim->factor) && claim->factor >= 0
                       ? 0
                       : refuse(reader, number, CLAIMS_NUMBER);
        }
        if (!(claim->factor > 0 && isfinite(claim->factor)))
            return refuse(reader, number, CLAIMS_NUMBER);
    }
    claim->against = span_is(word, "pages")    ? AGAINST_PAGES
                     : span_is(word, "chunks") ? AGAINST_CHUNKS
                                               : AGAINST_SIDE;
    if (claim->against == AGAINST_SIDE)
        return read_side(reader, word, &claim->second);
    return kind == METRIC_KIND_COUNT ? 0 : refuse(reader, word, CLAIMS_UNIT);
}

static int is_operator(struct span word, enum claim_operator *operation)
{
    static const char *const signs[] = {"<", "<=", ">", ">="};

    for (int i = 0; i < 4; i++)
        if (span_is(word, signs[i])) {
            *operation = (enum claim_operator)i;
            return 1;
        }
    return 0;
}

static int is_metric(struct span word, enum metric *metric)
{
    for (int m = 0; m < METRICS; m++)
        if (span_is(word, metric_info((enum metric)m)->option)) {
            *metric = (enum metric)m;
            return 1;
        }
    return 0;
}

static int sides_agree(const struct claim *claim)
{
    const struct claim_axes *a = &claim->first.axes, *b = &claim->second.axes;

    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (!span_equal(a->items[i].name, b->items[i].name))
            return 0;
    return claim->against != AGAINST_SIDE || a->count == b->count;
}

static int read_condition(struct reader *reader, struct claim *claim)
{
    struct span whole = next_word(reader), word;
    int error = read_side(reader, whole, &claim->first);

    if (error != 0)
        return error;
    word = next_word(reader);
    if (!is_operator(word, &claim->operation)) {
        if (word.length == 0 || strchr("<>=", *word.text) != NULL)
            return refuse(reader, word, CLAIMS_OPERATOR);
        if (!is_metric(word, &claim->metric))
            return refuse(reader, word, CLAIMS_METRIC);
        word = next_word(reader);
        if (!is_operator(word, &claim->operation))
            return refuse(reader, word, CLAIMS_OPERATOR);
    }
    error = read_reference(reader, claim);
    if (error == 0 && !sides_agree(claim))
        error = refuse(reader, whole, CLAIMS_SIDES);
    word = next_word(reader);
    if (error == 0 && word.length > 0)
        error = span_is(word, "where") ? read_where(reader, &claim->where)
                                       : refuse(reader, word, CLAIMS_REST);
    return error;
}

static int begin_claim(struct reader *reader, struct claims *claims)
{
    struct span name = next_word(reader), must = next_word(reader), rest = next_word(reader);

    if (name.length == 0)
        return refuse(reader, name, CLAIMS_UNNAMED);
    if (must.length > 0 && (!span_is(must, "must") || rest.length > 0))
        return refuse(reader, span_is(must, "must") ? rest : must, CLAIMS_REST);
    for (size_t i = 0; i < claims->count; i++)
        if (span_is(name, claims->items[i].name))
            return refuse(reader, name, CLAIMS_NAME_TWICE);
    struct claim *claim =
        arena_append(&claims->arena, &claims->items, &claims->count, sizeof *claim);
    if (claim == NULL)
        return -ENOMEM;
    claim->name = arena_copy(&claims->arena, name.text, name.length);
    claim->must = must.length > 0;
    return claims->arena.error;
}

static int read_line(struct reader *reader, struct claims *claims)
{
    struct span keyword = next_word(reader);
    struct claim *claim = claims->count > 0 ? &claims->items[claims->count - 1] : NULL;

    if (keyword.length == 0 || *keyword.text == '#')
        return 0;
    if (span_is(keyword, "claim"))
        return claim != NULL && claim->condition == NULL
                   ? refuse(reader, keyword, CLAIMS_NO_CONDITION)
                   : begin_claim(reader, claims);
    static const char *const keywords[] = {"says", "source", "holds"};
    size_t which = 0;
    while (which < 3 && !span_is(keyword, keywords[which]))
        which++;
    if (which == 3)
        return refuse(reader, keyword, CLAIMS_KEYWORD);
    if (claim == NULL)
        return refuse(reader, keyword, CLAIMS_OUTSIDE);
    const char **into = (const char **[]){&claim->says, &claim->source, &claim->condition}[which];
    reader->at += strspn(reader->at, " ");
    if (*reader->at == '\0')
        return refuse(reader, keyword, CLAIMS_LINE_EMPTY);
    if (*into != NULL)
        return refuse(reader, keyword, CLAIMS_LINE_TWICE);
    *into = reader->at;
    return which == 2 ? read_condition(reader, claim) : 0;
}

static int read_lines(struct reader *reader, struct claims *claims, char *text)
{
    struct claims_problem *problem = reader->problem;
    int error = 0;

    for (char *line; error == 0 && (line = strsep(&text, "\n")) != NULL; problem->line++) {
        size_t length = strlen(line);
        while (length > 0 && strchr(" \r", line[length - 1]) != NULL)
            line[--length] = '\0';
        reader->line = reader->at = line;
        error = utf8_is_clean(line) ? read_line(reader, claims)
                                    : refuse(reader, (struct span){line, 0}, CLAIMS_TEXT);
    }
    problem->line--; /* the loop went on before it looked */
    if (error == 0 && claims->count == 0)
        return refuse(reader, (struct span){reader->line, 0}, CLAIMS_NONE);
    if (error == 0 && claims->items[claims->count - 1].condition == NULL)
        return refuse(reader, (struct span){reader->at, 0}, CLAIMS_NO_CONDITION);
    return error;
}

int claims_parse(const char *text, size_t length, struct claims *claims,
                 struct claims_problem *problem)
{
    *claims = (struct claims){0};
    *problem = (struct claims_problem){.line = 1, .column = 1};
    char *copy = arena_copy(&claims->arena, text, length);
    if (copy == NULL)
        return -ENOMEM;
    for (char *p = copy; p < copy + length; p++) {
        if (*p == '\0')
            return problem->fault = CLAIMS_TEXT, -EINVAL;
        *p = (char)(*p == '\t' ? ' ' : *p);
    }
    struct reader reader = {.arena = &claims->arena, .problem = problem, .line = copy, .at = copy};
    return read_lines(&reader, claims, copy);
}

int claims_published(struct claims *claims)
{
    static const struct claim published[] = {
#define CLAIM(name_, says_, source_, condition_)                                                   \
    {.name = name_, .says = says_, .source = source_, .condition = condition_},
#include "claims.def"
#undef CLAIM
    };
    struct claims_problem problem;
    int error = 0;

    *claims = (struct claims){0};
    for (size_t i = 0; error == 0 && i < sizeof published / sizeof published[0]; i++) {
        struct claim *claim =
            arena_append(&claims->arena, &claims->items, &claims->count, sizeof *claim);
        if (claim == NULL)
            return -ENOMEM;
        *claim = published[i];
        struct reader reader = {&claims->arena, &problem, claim->condition, claim->condition};
        error = read_condition(&reader, claim);
    }
    return error;
}

void claims_free(struct claims *claims)
{
    arena_free(&claims->arena);
    *claims = (struct claims){0};
}
