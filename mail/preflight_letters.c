/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The letters themselves: of each language the longest is made, and looked at.
 */
#include "mail/preflight_low.h"

#include <strings.h>

#include "mail/attachment.h"
#include "mail/choice.h"
#include "mail/class.h"
#include "mail/template.h"
#include "mail/wire/dns.h"
#include "mail/wire/mime.h"
#include "sql/mailing.h"
#include "sql/preflight.h"

/* Hosts that pass people on, and count them. */
static const char *const trackers[] = {
    "adf.ly", "bit.ly",          "bitly.com",   "buff.ly",      "cutt.ly",        "dlvr.it",     "goo.gl",
    "is.gd",  "list-manage.com", "lnkd.in",     "mailchi.mp",   "mailjet.com",    "mcsv.net",    "ow.ly",
    "rb.gy",  "rebrand.ly",      "s.id",        "sendgrid.net", "sendinblue.com", "shorturl.at", "t.co",
    "t.ly",   "tiny.cc",         "tinyurl.com", "urlz.fr",      "v.gd",
};
/* Their customers' own hosts begin so. */
static const char *const tracker_labels[] = {"click", "clicks", "email-link", "link",
                                             "links", "track",  "trk"};

static bool is_tracker(const char *host)
{
    size_t label = strcspn(host, ".");
    for (size_t i = 0; i < ARRAY_LEN(trackers); i++)
        if (dns_is_within(host, trackers[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(tracker_labels); i++)
        if (strlen(tracker_labels[i]) == label && !strncasecmp(host, tracker_labels[i], label))
            return true;
    return false;
}

static void look_at_link(struct preflight *p, const char *url, const char *language)
{
    static const char *const fine[] = {"https", "http", "mailto", "tel"};
    size_t scheme = strcspn(url, ":/?#");
    if (!*url) {
        preflight_find(p, FINDING_link_empty, "%s", language);
        return;
    }
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(fine); i++)
        known = known || (strlen(fine[i]) == scheme && !strncasecmp(url, fine[i], scheme));
    if (url[scheme] != ':' || !known)
        preflight_find(p, FINDING_link_scheme, "%s: %s", language, url);
    if (strncmp(url + scheme, "://", 3))
        return;
    const char *host = url + scheme + 3;
    if (scheme == 4)
        preflight_find(p, FINDING_link_http, "%s: %s", language, url);
    if (is_tracker(talloc_strndup(p->mem, host, strcspn(host, ":/?#"))))
        preflight_find(p, FINDING_link_tracker, "%s: %s", language, url);
}

/* Of HTML's entities an address of ours has these. */
static char *without_entities(void *mem, const char *s, size_t len)
{
    static const struct {
        const char *entity;
        char c;
    } known[] = {{"&amp;", '&'}, {"&#x27;", '\''}, {"&#39;", '\''}, {"&quot;", '"'}};
    struct text t = text_new(mem);
    for (size_t i = 0, step; i < len; i += step) {
        char c = s[i];
        step = 1;
        for (size_t k = 0; k < ARRAY_LEN(known) && c == '&' && step == 1; k++)
            if (!strncmp(s + i, known[k].entity, strlen(known[k].entity))) {
                c = known[k].c;
                step = strlen(known[k].entity);
            }
        text_putc(&t, c);
    }
    return t.s;
}

static void look_at_links(struct preflight *p, const char *html, const char *language)
{
    static const char before[] = " href=\"";
    for (const char *s = strstr(html, before); s; s = strstr(s, before)) {
        s += strlen(before);
        size_t len = strcspn(s, "\"");
        look_at_link(p, without_entities(p->mem, s, len), language);
        s += len;
    }
}

static int render(struct preflight *p, const struct db_rows *rows, int i, struct template_letter *letter_r,
                  struct err *err)
{
    DB_ROWS text = NULL;
    struct template *compiled;
    const char *language = db_get_str(rows, i, "language");
    int n = db_run(p->db, &text, err, SQL_MAILING_TEXT_OF, db_int(p->mailing->id), db_text(language));
    if (n <= 0)
        return n < 0 ? -1 : err_set(err, ERR_INPUT, "the mailing has no text in %s", language);
    struct template_text source = {.name = talloc_strdup(p->mem, db_get_str(text, 0, "name")),
                                   .language = language,
                                   .subject = db_get_str(text, 0, "subject"),
                                   .body = db_get_str(text, 0, "body"),
                                   .body_line = (int)db_get_int(text, 0, "line")};
    json_t *view = json_loads(db_get_str(rows, i, "view"), 0, NULL);
    const struct class_mailing mailing = class_of_mailing(p->mem, text);
    class_view(p->mem,
               &(struct class_letter){.conf = p->conf, .account = p->accounts[0], .mailing = &mailing}, view);
    int rc = template_compile(p->mem, &source, &compiled, err) < 0 ||
                     choice_load_second(p->mem, p->db, p->mailing->id, language, compiled, err) < 0
                 ? -1
                 : template_render(p->mem, compiled, view, letter_r, err);
    json_decref(view);
    return rc;
}

static int build(struct preflight *p, struct attachment_desk *desk, const struct db_rows *rows, int i,
                 const struct template_letter *letter, size_t *len_r, struct err *err)
{
    char *raw;
    const struct mime_mailbox to = {db_get_str(rows, i, "name"), db_get_str(rows, i, "email")};
    struct mime_letter mime = {.from = {NULL, p->accounts[0]->from_address},
                               .to = &to,
                               .nto = 1,
                               .subject = letter->subject,
                               .message_id = "check@adresar.invalid",
                               .time_zone = p->conf->office.time_zone,
                               .language = letter->languages,
                               .text = letter->text,
                               .html = letter->html};
    return attachment_parts(p->mem, desk, p->db, p->mailing->id, db_get_int(rows, i, "id"),
                            db_get_str(rows, i, "language"), &mime.part, &mime.nparts, err) < 0
               ? -1
               : mime_build(p->mem, &mime, &raw, len_r, err);
}

static int look_at_reply_by(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_REPLY_BY, db_int(p->mailing->id),
                   db_text(p->conf->office.time_zone));
    if (n > 0)
        preflight_find(p, FINDING_reply_late, "%s", db_get_str(rows, 0, "reply_by"));
    return n < 0 ? -1 : 0;
}

int preflight_letters(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_LONGEST, db_int(p->mailing->id));
    struct attachment_desk *desk = attachment_desk_new(p->mem);
    mime_init();
    for (int i = 0; i < n; i++) {
        struct template_letter letter;
        struct err why;
        size_t len;
        const char *language = db_get_str(rows, i, "language");
        if (render(p, rows, i, &letter, &why) < 0 || build(p, desk, rows, i, &letter, &len, &why) < 0) {
            if (why.code != ERR_INPUT) {
                *err = why;
                return -1;
            }
            preflight_find(p, FINDING_render, "%s: %s", language, why.text);
            continue;
        }
        preflight_size(p, len, language);
        look_at_links(p, letter.html, language);
    }
    return n < 0 ? -1 : look_at_reply_by(p, err);
}
