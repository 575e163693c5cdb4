/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The mailboxes are opened before anything is sent, so that what comes later than that is all that is looked
 * at.
 */
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/catalog.h"
#include "base/secret.h"
#include "mail/class.h"
#include "mail/envelope.h"
#include "mail/fetch.h"
#include "mail/probe_low.h"
#include "mail/token.h"
#include "sql/probe.h"

enum { WORDS_LEN = 16, MAX_BYTES = 1 << 20, LOOK_MS = 500 };

/* ---- mailboxes */

static int box_open(struct probe *p, const struct conf_imap *a, struct err *err)
{
    struct probe_box *b = &p->box[p->nboxes];
    char *password = NULL;
    if (a->password_file && secret_read(p->mem, a->password_file, &password, err) < 0)
        return err_context(err, "[imap %s]", a->name);
    struct imap_options options = fetch_imap_options(a, password);
    options.max_message_bytes = MAX_BYTES;
    *b = (struct probe_box){.account = a};
    if (imap_open(p->mem, &options, &b->imap, err) < 0)
        return err_context(err, "[imap %s]", a->name);
    p->nboxes++;
    b->nfolders = conf_split(p->mem, a->folders, b->folder, PROBE_MAX_FOLDERS);
    for (size_t i = 0; i < b->nfolders; i++) {
        struct imap_folder info;
        if (imap_examine(b->imap, b->folder[i], &info, err) < 0)
            return err_context(err, "[imap %s] %s", a->name, b->folder[i]);
        b->first[i] = info.uidnext;
    }
    return 0;
}

static bool is_address(const struct conf_imap *a, const char *address)
{
    return address && !strcasecmp(a->address, address);
}

/* Where copies may come; with a domain for all that comes back that may be any mailbox. */
static int boxes_open(struct probe *p, struct err *err)
{
    const struct conf_smtp *s = p->o->account;
    for (const struct conf_imap *a = p->o->conf->imap; a; a = a->next) {
        bool wanted = !strcmp(a->name, s->name) || is_address(a, s->from_address) ||
                      is_address(a, s->bounce_address) || is_address(a, p->o->outside) ||
                      s->verp == CONF_VERP_CATCHALL;
        if (wanted && p->nboxes < PROBE_MAX_BOXES && box_open(p, a, err) < 0)
            return -1;
        if (is_address(a, s->from_address) || (!p->own && !strcmp(a->name, s->name)))
            p->own = a;
    }
    return p->own ? 0
                  : err_set(err, ERR_CONFIG,
                            "no [imap] has the address %s, or is called %s: nothing can be looked into",
                            s->from_address, s->name);
}

static void boxes_close(struct probe *p)
{
    for (size_t i = 0; i < p->nboxes; i++)
        imap_close(p->box[i].imap);
}

struct looking {
    struct probe *p;
    struct probe_box *box;
    size_t folder;
};

static int look_at(void *context, const struct imap_message *m, struct err *err)
{
    struct looking *l = context;
    (void)err;
    l->box->first[l->folder] = m->uid + 1;
    for (size_t i = 0; i < l->p->ncopies; i++) {
        struct probe_copy *copy = &l->p->copy[i];
        if (m->bytes && !copy->arrived && memmem(m->bytes, m->size, copy->words, strlen(copy->words)))
            probe_judge(l->p, copy, l->box->account, m->bytes, m->size);
    }
    return 0;
}

static int look(struct probe *p, struct err *err)
{
    for (size_t i = 0; i < p->nboxes; i++)
        for (size_t k = 0; k < p->box[i].nfolders; k++) {
            struct imap_folder info;
            struct looking l = {p, &p->box[i], k};
            if (imap_examine(p->box[i].imap, p->box[i].folder[k], &info, err) < 0 ||
                imap_fetch_since(p->box[i].imap, p->box[i].first[k], look_at, &l, err) < 0)
                return err_context(err, "[imap %s] %s", p->box[i].account->name, p->box[i].folder[k]);
        }
    return 0;
}

static bool all_arrived(const struct probe *p)
{
    for (size_t i = 0; i < p->ncopies; i++)
        if (p->copy[i].expected && !p->copy[i].arrived)
            return false;
    return true;
}

static int wait_for_all(struct probe *p, struct err *err)
{
    int64_t until = time(NULL) + p->o->wait_s;
    while (!all_arrived(p)) {
        bool last = time(NULL) >= until;
        if (look(p, err) < 0)
            return -1;
        if (last)
            break;
        usleep(LOOK_MS * 1000);
    }
    for (size_t i = 0; i < p->ncopies; i++)
        if (!p->copy[i].arrived)
            probe_check(&p->copy[i], "arrived", p->copy[i].expected ? 0 : -1,
                        p->copy[i].expected
                            ? talloc_asprintf(p->mem, err_word(N_("not within %d seconds")), p->o->wait_s)
                            : N_("look there"));
    return 0;
}

/* ---- sending */

/* The numbers are far above those of any outbox, so that nothing of it is found by them. */
static void add_copy(struct probe *p, const char *kind, const char *to)
{
    const struct probe_order *o = p->o;
    struct probe_copy *c = &p->copy[p->ncopies];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    c->kind = kind;
    c->id = now.tv_sec * 1000LL + now.tv_nsec / 1000000 + (int64_t)p->ncopies++;
    c->to = to ? to : envelope_address(p->mem, o->account, token_envelope(p->mem, o->ring, c->id));
    c->words = keyring_random(p->mem, WORDS_LEN);
    c->sender = envelope_sender(p->mem, o->ring, o->account, c->id);
    c->message_id = token_message_id(p->mem, o->ring, o->conf->office.domain, c->id, 1);
    c->checks = json_array();
}

static int compose(struct probe *p, const struct probe_copy *c, const struct signer *signer, char **raw_r,
                   size_t *len_r, struct err *err)
{
    const struct conf_smtp *a = p->o->account;
    const struct class_mailing class = {.class = class_find("test")};
    struct mime_letter mime = {
        .from = {conf_in_language(p->mem, a->from_name, "en"), a->from_address},
        .to = &(struct mime_mailbox){NULL, c->to},
        .nto = 1,
        .subject = talloc_asprintf(p->mem, "Test %s", c->words),
        .message_id = talloc_strndup(p->mem, c->message_id + 1, strlen(c->message_id) - 2),
        .date = time(NULL),
        .time_zone = p->o->conf->office.time_zone,
        .language = "en",
        .text = talloc_asprintf(p->mem,
                                "This message shows whether letters arrive as they were sent.\n\n"
                                "Nothing has to be done with it: \xd1\x82\xd0\xb5\xd1\x81\xd1\x82 %s\n",
                                c->words),
    };
    class_headers(p->mem, &(struct class_letter){.conf = p->o->conf, .account = a, .mailing = &class}, &mime);
    mime_init();
    return mime_build(p->mem, &mime, raw_r, len_r, err) < 0 ? -1
                                                            : signer_sign(p->mem, signer, raw_r, len_r, err);
}

static int send_copy(struct probe *p, struct smtp *smtp, struct probe_copy *c, const struct signer *signer,
                     struct err *err)
{
    struct smtp_result r;
    char *raw;
    size_t len;
    if (compose(p, c, signer, &raw, &len, err) < 0)
        return -1;
    const struct smtp_envelope envelope = {.from = c->sender, .to = c->to, .size = len};
    smtp_envelope(smtp, &envelope, &r);
    if (r.outcome == SMTP_OK)
        smtp_content(smtp, raw, len, &r, NULL, NULL);
    const char *hint = envelope_hint(p->mem, p->o->account, &r);
    probe_check(c, "accepted", r.outcome == SMTP_OK,
                talloc_asprintf(p->mem, "%s: %d %s%s%s%s", r.stage, r.code, r.text, hint ? " (" : "",
                                hint ? hint : "", hint ? ")" : ""));
    bool watched = strcmp(c->kind, "outside") != 0;
    for (size_t i = 0; i < p->nboxes; i++)
        watched = watched || is_address(p->box[i].account, c->to);
    c->expected = r.outcome == SMTP_OK && watched;
    if (r.session_dead)
        return err_set(err, ERR_AWAY, "[smtp %s] the server ended the session at %s: %d %s",
                       p->o->account->name, r.stage, r.code, r.text);
    return 0;
}

static int open_session(struct probe *p, struct smtp **smtp_r, struct err *err)
{
    static const enum stream_tls tls[] = {STREAM_STARTTLS, STREAM_IMPLICIT, STREAM_PLAIN};
    const struct conf_smtp *a = p->o->account;
    struct stream_context *context;
    char *password = NULL;
    if (stream_context_new(p->mem, a->ca_file, &context, err) < 0 ||
        (a->password_file && secret_read(p->mem, a->password_file, &password, err) < 0))
        return -1;
    const struct smtp_options options = {
        .stream = {a->host, a->port, a->verify_name, tls[a->tls], a->timeout_s},
        .user = a->user,
        .password = password,
        .token_file = a->token_file,
        .mechanism = a->mechanism,
        .helo = a->helo ? a->helo : p->o->conf->office.domain,
    };
    if (smtp_open(p->mem, context, &options, smtp_r, err) < 0)
        return err_context(err, "[smtp %s] %s:%s", a->name, a->host, a->port);
    p->server = talloc_strdup(p->mem, smtp_server(*smtp_r));
    p->tls = smtp_tls(*smtp_r);
    p->login = smtp_login(*smtp_r);
    return 0;
}

static int send_all(struct probe *p, const struct signer *signer, struct err *err)
{
    struct smtp *smtp;
    int rc = open_session(p, &smtp, err);
    if (rc < 0)
        return -1;
    for (size_t i = 0; i < p->ncopies && rc == 0; i++)
        rc = send_copy(p, smtp, &p->copy[i], signer, err);
    smtp_close(smtp);
    return rc;
}

/* ---- the report */

static json_t *report_of(const struct probe *p)
{
    json_t *copies = json_array(), *check;
    bool ok = true;
    const char *from = NULL;
    for (size_t i = 0; i < p->ncopies; i++) {
        const struct probe_copy *c = &p->copy[i];
        size_t k;
        json_array_foreach(c->checks, k, check) ok = ok && !json_is_false(json_object_get(check, "ok"));
        json_array_append_new(copies, json_pack("{s:s, s:s, s:s, s:s, s:s*, s:O}", "copy", c->kind, "to",
                                                c->to, "sender", c->sender, "message_id", c->message_id,
                                                "received_from", c->received_from, "checks", c->checks));
        if (c->received_from && (!from || !strcmp(c->kind, "outside")))
            from = c->received_from;
    }
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:b, s:o}", "account", p->o->account->name, "from",
                     p->o->account->from_address, "server", p->server, "tls", p->tls, "login", p->login,
                     "received_from", from, "ok", ok, "copies", copies);
}

static int run(struct probe *p, struct err *err)
{
    const struct probe_order *o = p->o;
    const struct conf_dkim *section = signing_section(o->conf, o->account->from_address);
    struct signer *signer;
    if (signer_open(p->mem, o->conf, o->account->from_address, &signer, err) < 0 ||
        (section && signing_selectors(p->mem, o->conf, section, &p->selector, &p->nselectors, err) < 0) ||
        boxes_open(p, err) < 0)
        return -1;
    while (p->nselectors && !p->selector[p->nselectors - 1].signs)
        p->nselectors--; /* those that sign come first */
    add_copy(p, "own", p->own->address);
    if (o->account->verp != CONF_VERP_NONE)
        add_copy(p, "token", NULL);
    if (o->outside)
        add_copy(p, "outside", o->outside);
    return send_all(p, signer, err) < 0 || wait_for_all(p, err) < 0 ? -1 : 0;
}

int probe_run(const struct probe_order *order, json_t **report_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct probe p = {.mem = mem, .o = order};
    int rc = run(&p, err);
    if (rc == 0)
        *report_r = report_of(&p);
    boxes_close(&p);
    for (size_t i = 0; i < p.ncopies; i++)
        json_decref(p.copy[i].checks);
    return rc;
}

int probe_keep(struct db *db, const json_t *report, struct err *err)
{
    char *s = json_dumps(report, JSON_COMPACT);
    int rc = db_run(db, NULL, err, SQL_PROBE_ADD, db_text(s));
    free(s);
    return rc < 0 ? -1 : 0;
}
