/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/taglist.h"

#include <ctype.h>
#include <strings.h>

static const char space[] = " \t\r\n";

/* The tag that *p stands at; *p goes to the next one.  0 at the end, -1 when it is none. */
static int next_tag(const char **p, const char **tag, size_t *tag_len, const char **value, size_t *value_len)
{
    const char *s = *p + strspn(*p, space);
    if (!*s)
        return 0;
    size_t len = strcspn(s, ";");
    *p = s + len + (s[len] == ';');
    *tag = s;
    *tag_len = 0;
    while (*tag_len < len && (isalnum((unsigned char)s[*tag_len]) || s[*tag_len] == '_'))
        ++*tag_len;
    size_t equals = *tag_len + strspn(s + *tag_len, space);
    if (!*tag_len || equals >= len || s[equals] != '=')
        return -1;
    *value = s + equals + 1;
    *value_len = len - equals - 1;
    return 1;
}

char *taglist_get(void *mem, const char *list, const char *wanted)
{
    const char *tag, *value;
    size_t tag_len, value_len, n = strlen(wanted);
    for (int rc; (rc = next_tag(&list, &tag, &tag_len, &value, &value_len));) {
        if (rc < 0 || tag_len != n || strncasecmp(tag, wanted, n))
            continue;
        struct text t = text_new(mem);
        for (size_t i = 0; i < value_len; i++)
            if (!strchr(space, value[i]))
                text_putc(&t, value[i]);
        return t.s;
    }
    return NULL;
}

bool taglist_valid(const char *list)
{
    MEM_SCOPE(mem);
    const char *tag, *value;
    struct text seen = text_new(mem);
    size_t tag_len, value_len;
    text_putc(&seen, ' ');
    for (int rc; (rc = next_tag(&list, &tag, &tag_len, &value, &value_len));) {
        char *name = rc < 0 ? NULL : talloc_asprintf(mem, " %.*s ", (int)tag_len, tag);
        if (!name || strcasestr(seen.s, name))
            return false;
        text_puts(&seen, name);
    }
    return true;
}
