/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is asked of a configuration that has been read.
 */
#include "base/conf.h"

#include <strings.h>

const struct conf_smtp *conf_find_smtp(const struct conf *conf, const char *name)
{
    const struct conf_smtp *s = conf->smtp;
    size_t len = name ? strcspn(name, ",") : 0;
    while (s && len && (strncmp(s->name, name, len) != 0 || s->name[len]))
        s = s->next;
    return s;
}

const struct conf_imap *conf_find_imap(const struct conf *conf, const char *name)
{
    const struct conf_imap *i = conf->imap;
    while (i && name && *name && strcmp(i->name, name))
        i = i->next;
    return i;
}

const struct conf_dkim *conf_find_dkim(const struct conf *conf, const char *domain)
{
    const struct conf_dkim *d = conf->dkim;
    while (d && strcasecmp(d->domain, domain))
        d = d->next;
    return d;
}

size_t conf_split(void *mem, const char *list, char **name, size_t max)
{
    size_t n = 0;
    while (*list && n < max) {
        list += strspn(list, ", \t");
        size_t len = strcspn(list, ",");
        char *s = talloc_strndup(mem, list, len);
        list += len;
        while (len > 0 && strchr(" \t", s[len - 1]))
            s[--len] = 0;
        if (len)
            name[n++] = s;
    }
    return n;
}
