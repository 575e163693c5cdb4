/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The build makes of crm/place.def a table with a line for each name and case, in the order of strcmp().
 */
#include "crm/place.h"

struct name {
    const char *fold;
    struct place place;
};

#define PLACE(fold, key, country, land) {fold, {key, country, land}},
static const struct name names[] = {
#include "crm/place_table.h"
};
#undef PLACE

enum { MOST_WORDS = 5 };

static const struct name *find_name(const char *fold, size_t len)
{
    size_t from = 0, to = ARRAY_LEN(names);
    while (from < to) {
        size_t middle = (from + to) / 2;
        const char *name = names[middle].fold;
        int order = strncmp(fold, name, len);
        if (order == 0 && !name[len])
            return &names[middle];
        if (order > 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

bool place_at(const char *fold, struct place *place_r, size_t *len_r)
{
    size_t end[MOST_WORDS], n = 0;
    for (size_t at = 0; n < MOST_WORDS;) {
        at += strcspn(fold + at, " ");
        end[n++] = at;
        if (!fold[at++])
            break;
    }
    for (; n > 0; n--) {
        const struct name *name = end[n - 1] ? find_name(fold, end[n - 1]) : NULL;
        if (!name)
            continue;
        *place_r = name->place;
        *len_r = end[n - 1];
        return true;
    }
    return false;
}

bool place_find(const char *fold, struct place *place_r)
{
    const struct name *name = *fold ? find_name(fold, strlen(fold)) : NULL;
    if (name)
        *place_r = name->place;
    return name;
}

const char *place_next_name(const char *key, size_t *at)
{
    while (*at < ARRAY_LEN(names)) {
        const struct name *name = &names[(*at)++];
        if (!strcmp(name->place.key, key))
            return name->fold;
    }
    return NULL;
}

char *place_rewrite(void *mem, const char *fold)
{
    struct text t = text_new(mem);
    while (*fold) {
        struct place place;
        size_t len;
        if (place_at(fold, &place, &len)) {
            text_puts(&t, place.key);
        } else {
            len = strcspn(fold, " ");
            text_add(&t, fold, len);
        }
        fold += len;
        if (*fold == ' ')
            text_putc(&t, *fold++);
    }
    return t.s;
}
