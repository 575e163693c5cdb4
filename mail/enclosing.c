/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/enclosing.h"

#include "base/catalog.h"

enum { HEADERS = 8192 };

static int check_size(const struct enclosing *e, size_t bytes, const char *language, struct err *err)
{
    if (bytes <= e->max_bytes)
        return 0;
    const struct attachment *largest = NULL;
    for (size_t i = 0; i < e->set.n; i++)
        if (!largest || e->set.v[i].file.len > largest->file.len)
            largest = &e->set.v[i];
    return err_set(err, ERR_INPUT,
                   "the letter in %s has %.1f MB with its attachments, a message has at most %.1f MB%s%s",
                   language, (double)bytes / (1 << 20), (double)e->max_bytes / (1 << 20),
                   largest ? err_word(N_("; the largest is ")) : "", largest ? largest->path : "");
}

static int take_account(void *mem, struct db *db, struct enclosing *e, const struct conf_smtp *account,
                        struct err *err)
{
    size_t n = talloc_array_length(e->servers), max_bytes;
    e->servers = talloc_realloc(mem, e->servers, struct server, (unsigned)n + 1);
    if (server_find(mem, db, account->name, &e->servers[n], err) < 0)
        return -1;
    if (server_check_address(&e->servers[n], account->bounce_address, err) < 0)
        return err_context(err, "[smtp %s]", account->name);
    max_bytes = server_max_bytes(&e->servers[n], account);
    e->max_bytes = e->max_bytes && e->max_bytes < max_bytes ? e->max_bytes : max_bytes;
    return 0;
}

int enclosing_begin(void *mem, struct db *db, const struct conf_smtp *const *accounts,
                    const struct attachment_own *own, const struct template_set *texts,
                    struct template *const *compiled, const struct choice *choice, struct enclosing *e,
                    struct err *err)
{
    *e = (struct enclosing){.own = own};
    for (size_t i = 0; i < talloc_array_length(accounts); i++)
        if (take_account(mem, db, e, accounts[i], err) < 0)
            return -1;
    if (attachment_load(mem, texts, compiled, choice, &e->set, err) < 0)
        return -1;
    for (size_t i = 0; i < texts->n; i++)
        if (check_size(e, attachment_size(&e->set, texts->v[i].language, 0), texts->v[i].language, err) < 0)
            return -1;
    return 0;
}

/* As quoted-printable, which text that is ASCII may do without. */
static size_t encoded_size(const char *text)
{
    size_t n = 0, other = 0;
    for (const char *p = text; *p; p++, n++)
        other += (unsigned char)*p >= 0x7f || *p == '=' || *p == '\n';
    return n + 2 * other + n / 20; /* soft line breaks */
}

int enclosing_letter(void *mem, const struct enclosing *e, const struct enclosing_letter *l,
                     const char **own_r, struct err *err)
{
    MEM_SCOPE(scratch);
    struct mime_file file = {0};
    *own_r = NULL;
    for (size_t i = 0; i < talloc_array_length(e->servers); i++)
        if (server_check_address(&e->servers[i], l->address, err) < 0)
            return -1;
    if (e->own->folder && (attachment_own_path(mem, e->own, l->listed, l->view, own_r, err) < 0 ||
                           attachment_read(scratch, *own_r, NULL, &file, err) < 0))
        return -1;
    size_t text = encoded_size(l->letter->text) + encoded_size(l->letter->html);
    return check_size(e, HEADERS + text + attachment_size(&e->set, l->language, file.len), l->language, err);
}

int enclosing_write_own(struct db *db, int64_t mailing, int64_t contact, const char *path, struct err *err)
{
    MEM_SCOPE(mem);
    struct mime_file file;
    return attachment_read(mem, path, NULL, &file, err) < 0
               ? -1
               : attachment_add_own(db, mailing, contact, &file, err);
}
