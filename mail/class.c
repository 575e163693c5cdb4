/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/class.h"

#include "mail/unsubscribe.h"

enum {
    BASIS = CLASS_BASIS,
    OFFICIAL = CLASS_OFFICIAL,
    PERSONAL = CLASS_PERSONAL,
    LISTED = CLASS_LISTED,
    LINK = CLASS_LINK,
    NO_POST = CLASS_NO_POST,
    RECEIPT = CLASS_RECEIPT,
    AUTOMATIC = CLASS_AUTOMATIC,
    MAX_HEADERS = 8,
};

static const struct mail_class classes[] = {
#define CLASS(kind, rule, marks) {kind, (enum class_rule)(rule), marks},
#include "mail/class.def"
#undef CLASS
};

const struct mail_class *class_find(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (!strcmp(classes[i].kind, kind))
            return &classes[i];
    return NULL;
}

char *class_mailing_kinds(void *mem)
{
    struct text t = text_new(mem);
    const char *last = NULL;
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        if (classes[i].rule == CLASS_PERSONAL)
            continue;
        if (last)
            text_printf(&t, "%s%s", t.len ? ", " : "", last);
        last = classes[i].kind;
    }
    text_printf(&t, " or %s", last);
    return t.s;
}

struct class_mailing class_of_mailing(void *mem, const struct db_rows *rows)
{
    struct class_mailing m = {
        .class = class_find(db_get_str(rows, 0, "kind")),
        .list_id = db_get_int_or(rows, 0, "list_id", 0),
        .list = talloc_strdup(mem, db_get_str(rows, 0, "list")),
        .list_name = talloc_strdup(mem, db_get_str(rows, 0, "list_name")),
        .receipt = db_get_bool(rows, 0, "receipt"),
    };
    must(m.class);
    return m;
}

/* ---- what a letter says */

static const char *token_of(void *mem, struct class_letter *l)
{
    if (!l->token)
        l->token = l->ring ? token_unsubscribe(mem, l->ring, l->contact_id, l->mailing->list_id) : "sample";
    return l->token;
}

static bool is_listed(const struct class_mailing *m)
{
    return (m->class->marks & CLASS_LISTED) && m->list_id;
}

void class_view(void *mem, struct class_letter *l, json_t *view)
{
    if (!is_listed(l->mailing) || !(l->mailing->class->marks & CLASS_LINK) ||
        json_is_true(json_object_get(view, "paper")))
        return;
    const char *token = token_of(mem, l), *link = unsubscribe_link(mem, l->conf, token);
    json_object_set_new(view, "unsubscribe_url",
                        json_string(link ? link : unsubscribe_mailto(mem, l->account, token)));
}

/* RFC 8058 3.1: one HTTPS URI; its -Post only where there is one. */
static size_t list_headers(void *mem, struct class_letter *l, struct mime_header *h)
{
    const struct class_mailing *m = l->mailing;
    const char *token = token_of(mem, l), *link = unsubscribe_link(mem, l->conf, token),
               *mailto = unsubscribe_mailto(mem, l->account, token),
               *help = l->conf->office.email ? l->conf->office.email : l->account->from_address;
    size_t n = 0;
    h[n++] = (struct mime_header){"List-Id", conf_in_language(mem, m->list_name, l->language),
                                  talloc_asprintf(mem, "%s.%s", m->list, l->conf->office.domain)};
    h[n++] = (struct mime_header){
        "List-Unsubscribe",
        link ? talloc_asprintf(mem, "<%s>, <%s>", link, mailto) : talloc_asprintf(mem, "<%s>", mailto), NULL};
    if (link)
        h[n++] = (struct mime_header){"List-Unsubscribe-Post", "List-Unsubscribe=One-Click", NULL};
    h[n++] = (struct mime_header){"List-Help", talloc_asprintf(mem, "<mailto:%s>", help), NULL};
    if (m->class->marks & CLASS_NO_POST)
        h[n++] = (struct mime_header){"List-Post", "NO", NULL};
    return n;
}

/* A receipt goes to the envelope's sender: only then may a mail program send it by itself (RFC 8098 2.1), and
 * the address says which letter it is about. */
void class_headers(void *mem, struct class_letter *l, struct mime_letter *mime)
{
    struct mime_header *h = talloc_array(mem, struct mime_header, MAX_HEADERS);
    size_t n = is_listed(l->mailing) ? list_headers(mem, l, h) : 0;
    if (l->mailing->receipt && (l->mailing->class->marks & CLASS_RECEIPT))
        h[n++] = (struct mime_header){"Disposition-Notification-To", mime->from.name, l->envelope_from};
    if (l->mailing->class->marks & CLASS_AUTOMATIC)
        h[n++] = (struct mime_header){"Auto-Submitted", "auto-generated", NULL};
    must(n <= MAX_HEADERS);
    mime->extra = h;
    mime->nextra = n;
}
