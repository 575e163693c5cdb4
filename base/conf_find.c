/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is asked of a configuration that has been read, and the secrets beside it.
 */
#include "base/conf.h"

#include <strings.h>
#include <sys/stat.h>

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

int conf_read_secret_file(void *mem, const char *path, char **text_r, struct err *err)
{
    struct stat st;
    size_t len;
    if (mem_read_file(mem, path, 65536, text_r, &len, err) < 0 || stat(path, &st) < 0) {
        err->code = ERR_CONFIG;
        return -1;
    }
    if (st.st_mode & 007)
        return err_set(err, ERR_CONFIG, "%s: others can read this secret; chmod o-rwx %s", path, path);
    return 0;
}

int conf_read_secret(void *mem, const char *path, char **secret_r, struct err *err)
{
    char *text;
    if (conf_read_secret_file(mem, path, &text, err) < 0)
        return -1;
    text[strcspn(text, "\r\n")] = 0;
    if (!*text)
        return err_set(err, ERR_CONFIG, "%s: empty", path);
    *secret_r = text;
    return 0;
}
