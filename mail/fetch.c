/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * An account's session, a message of it, and all of its folders.  What is large, or has to be read before it
 * may be stored, is stored alone; all else goes by mail/fetch_batch.c.
 */
#include "mail/fetch_low.h"

#include "base/log.h"
#include "base/secret.h"
#include "base/unicode.h"
#include "mail/inbox_match.h"
#include "mail/sent.h"
#include "mail/wire/imap.h"
#include "sql/fetch.h"
#include "sql/inbox.h"

enum { FOLDERS_MAX = 100 };

/* ---- session */

static enum stream_tls stream_tls_of(enum conf_tls tls)
{
    return tls == CONF_TLS_STARTTLS   ? STREAM_STARTTLS
           : tls == CONF_TLS_IMPLICIT ? STREAM_IMPLICIT
                                      : STREAM_PLAIN;
}

struct imap_options fetch_imap_options(const struct conf_imap *a, const char *password)
{
    return (struct imap_options){
        .stream = {.host = a->host,
                   .port = a->port,
                   .verify_name = a->verify_name,
                   .tls = stream_tls_of(a->tls),
                   .timeout_s = 60},
        .ca_file = a->ca_file,
        .user = a->user,
        .password = password,
        .token_file = a->token_file,
        .mechanism = a->mechanism,
        .max_message_bytes = (size_t)a->max_message_bytes,
    };
}

int fetcher_open(void *mem, const struct fetch_options *options, struct fetcher **fetcher_r, struct err *err)
{
    const struct conf_imap *a = options->account;
    struct fetcher *f = talloc_zero(mem, struct fetcher);
    char *password = NULL;
    f->o = *options;
    if (a->password_file && secret_read(f, a->password_file, &password, err) < 0) {
        talloc_free(f);
        return err_context(err, "[imap %s]", a->name);
    }
    f->imap_options = fetch_imap_options(a, password);
    *fetcher_r = f;
    return 0;
}

void fetcher_close(struct fetcher *f)
{
    imap_close(f->imap);
    talloc_free(f);
}

/* A session that broke is mended by its worker; a worker that died, where it is not the caller's, by another.
 */
int fetch_dial(struct fetcher *f, struct err *err)
{
    if (f->imap && !imap_is_dead(f->imap))
        return 0;
    if (f->imap && f->o.line >= 0)
        return err_set(err, ERR_AGAIN, "IMAP worker died");
    imap_close(f->imap);
    f->imap = NULL;
    if (f->o.line < 0)
        return imap_open(f, &f->imap_options, &f->imap, err);
    if (f->o.resume)
        f->imap = imap_resume(f, f->o.line, &f->imap_options);
    return f->o.resume ? 0 : imap_open_on(f, f->o.line, &f->imap_options, &f->imap, err);
}

/* ---- one message */

static int add_place(struct folder *d, uint32_t uid, int64_t message, const char *why, struct err *err)
{
    if (!message)
        d->sum->apart++;
    return db_run(d->f->o.inbox->db, NULL, err, SQL_FETCH_ADD_PLACE, db_int(d->mailbox),
                  db_int(d->uidvalidity), db_int(uid), db_int_or_null(message), db_text(why));
}

/* The keys of the addresses, our own left out. */
static struct db_arg foreign_addresses(void *mem, const struct conf *conf, const struct letter *l)
{
    struct letter_list keys = {0};
    for (size_t i = 0; i <= l->to.n; i++) {
        const char *address = i < l->to.n ? l->to.item[i] : l->from;
        if (!address || inbox_is_own(conf, address))
            continue;
        keys.item = talloc_realloc(mem, keys.item, const char *, keys.n + 1);
        keys.item[keys.n++] = unicode_case_fold_email(mem, address);
    }
    return db_texts(mem, keys.item, keys.n);
}

static int is_known(struct folder *d, const struct letter *l, bool *known_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    const struct inbox *inbox = d->f->o.inbox;
    *known_r = inbox_has_token(inbox, l);
    if (*known_r)
        return 0;
    if (db_run(inbox->db, &rows, err, SQL_FETCH_IS_KNOWN, foreign_addresses(mem, inbox->conf, l),
               db_texts(mem, l->answers.item, l->answers.n)) < 0)
        return -1;
    *known_r = db_get_bool(rows, 0, "known");
    return 0;
}

static int store(struct folder *d, const struct imap_message *m, int64_t *id_r, struct err *err)
{
    struct db *db = d->f->o.inbox->db;
    return m->spool ? message_store_spool(db, MESSAGE_IN, m->spool, NULL, id_r, err)
                    : message_store(db, MESSAGE_IN, m->bytes, m->size, NULL, id_r, err);
}

static const char *hash_of(void *mem, const struct folder *d, const struct imap_message *m, struct err *err)
{
    unsigned char identity[DIGEST_BYTES];
    if (!m->spool)
        message_identity(m->bytes, m->size, identity);
    else if (message_identity_spool(m->spool, identity, err) < 0)
        return NULL;
    return talloc_asprintf(mem, "personal: %s",
                           keyring_hash(mem, d->f->o.inbox->ring, "personal", identity, sizeof identity));
}

/* What is stored alone: it is large, or has to be read before it may be stored.  A mail that cannot be read
 * is stored from the office's accounts, where it will be parked, and kept apart from a personal one. */
static int store_by_facts(struct folder *d, const struct imap_message *m, int64_t *id_r, const char **why_r,
                          void *mem, struct err *err)
{
    struct letter l = {0};
    json_t *facts = NULL;
    bool known = false, personal = d->f->o.account->personal;
    if (!d->sent && !personal)
        return store(d, m, id_r, err);
    if (m->spool)
        cage_facts_begin_spool(d->f->o.inbox->cage, m->spool);
    else
        cage_facts_begin(d->f->o.inbox->cage, m->bytes, m->size);
    int rc = cage_facts_end(d->f->o.inbox->cage, &facts, err);
    if (rc < 0 && err->code != ERR_INPUT)
        return -1;
    if (rc == 0)
        letter_read(mem, facts, &l);
    rc = personal && facts ? is_known(d, &l, &known, err) : 0;
    if (rc == 0 && personal && !known)
        rc = (*why_r = hash_of(mem, d, m, err)) ? 0 : -1;
    else if (rc == 0 && d->sent && facts && inbox_is_house(d->f->o.inbox->conf, l.from))
        rc = sent_store(d->f->o.inbox, &l, m, id_r, err);
    else if (rc == 0)
        rc = store(d, m, id_r, err);
    json_decref(facts);
    return rc;
}

static int store_message(struct folder *d, const struct imap_message *m, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t id = 0;
    const char *why = NULL;
    if (!m->spool && (!m->bytes || (!d->sent && !d->f->o.account->personal))) {
        fetch_hold(d, m);
        return 0;
    }
    /* what is in hand goes first, for its locks come before any row */
    int rc = (d->batch && d->batch->early && fetch_commit(d, err) < 0) || fetch_batch_begin(d, err) < 0
                 ? -1
                 : store_by_facts(d, m, &id, &why, mem, err);
    if (rc < 0)
        return -1;
    d->sum->kept += rc == 1;
    d->sum->known += id && rc == 0;
    return add_place(d, m->uid, id, why, err) < 0 ? -1 : 0;
}

/* The store refuses this message, alone: its place says why. */
static int set_apart(struct folder *d, const struct imap_message *m, const char *why, struct err *err)
{
    char text[sizeof err->text];
    snprintf(text, sizeof text, "%s", unicode_or(why, "the store refuses it"));
    log_warning("[imap %s] %s: message %lu is kept apart: %s", d->f->o.account->name, d->name,
                (unsigned long)m->uid, text);
    db_tx_end(d->tx);
    d->lost = d->refused = false; /* it was this message */
    if (fetch_batch_begin(d, err) < 0 || add_place(d, m->uid, 0, text, err) < 0)
        return -1;
    d->last_uid = m->uid;
    d->messages = 1;
    return fetch_commit(d, err);
}

/* Nothing comes from the server for a while: what is on its way does not wait for that. */
int fetch_idle(void *context, struct err *err)
{
    struct folder *d = context;
    return fetch_go_on(d, err) < 0 ? -1 : d->sent_batch && d->sent_batch->stage != BATCH_SENT;
}

static bool is_full(const struct folder *d, const struct imap_message *m)
{
    return d->messages >= d->batch_max || d->bytes >= FETCH_BATCH_BYTES || m->spool ||
           (d->messages >= FETCH_ENOUGH && fetch_store_is_free(d));
}

int fetch_take(void *context, const struct imap_message *m, struct err *err)
{
    struct folder *d = context;
    if (d->f->o.stop && *d->f->o.stop) {
        d->stopped = true;
        return err_set(err, ERR_AGAIN, "told to stop");
    }
    int rc = store_message(d, m, err);
    d->refused = rc < 0 && fetch_is_refusal(err);
    if (rc == 0) {
        d->last_uid = m->uid;
        d->bytes += m->size;
        d->messages++;
        rc = is_full(d, m) ? fetch_commit(d, err) : d->messages % FETCH_LOOK == 0 ? fetch_go_on(d, err) : 0;
    }
    if (rc < 0 && d->refused && d->batch_max == 1)
        rc = set_apart(d, m, err->text, err);
    d->sum->seen += rc == 0;
    return rc;
}

/* ---- all folders */

static int settle_by_copies(struct db *db, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_FETCH_SETTLE_BY_COPY);
    for (int i = 0; i < n; i++)
        if (db_run(db, NULL, err, SQL_INBOX_FINISH_MAILING, db_int(db_get_int(rows, i, "mailing_id"))) < 0)
            return -1;
    return n < 0 ? -1 : 0;
}

/* The folder that the server marks as the one of sent mail, where that is what is wanted; NULL: there is
 * none. */
static int find_sent(struct fetcher *f, void *mem, const char **name_r, struct err *err)
{
    char *name;
    const char *wanted = f->o.account->sent;
    *name_r = *wanted ? wanted : NULL;
    if (!*name_r || *wanted != '\\')
        return 0;
    int rc = imap_special(f->imap, mem, wanted + 1, &name, err);
    *name_r = rc == 1 ? name : NULL;
    return rc < 0 ? -1 : 0;
}

int fetcher_pass(struct fetcher *f, struct fetch_sum *sum, struct err *err)
{
    MEM_SCOPE(mem);
    char *name[FOLDERS_MAX];
    const char *sent;
    struct err why;
    size_t n = conf_split(mem, f->o.account->folders, name, FOLDERS_MAX);
    *sum = (struct fetch_sum){0};
    if (db_revive(f->o.inbox->db, err) < 0)
        return -1;
    if (fetch_dial(f, err) < 0) { /* not once for each folder: servers lock those out who try too often */
        while (n-- > 0)
            fetch_failed(f, name[n], err, sum, err);
        return -1;
    }
    if (find_sent(f, mem, &sent, &why) < 0)
        log_warning("[imap %s] %s", f->o.account->name, why.text);
    /* the first folder comes last, so that it is open while the session waits for new mail */
    if (sent && fetch_folder(f, sent, true, sum, err) < 0)
        return -1;
    while (n-- > 0)
        if (fetch_folder(f, name[n], false, sum, err) < 0)
            return -1;
    if (settle_by_copies(f->o.inbox->db, sum->failed ? &why : err) < 0)
        return -1;
    return sum->failed ? -1 : 0;
}

int fetcher_wait(struct fetcher *f, int timeout_s, struct err *err)
{
    if (!f->imap || !f->first_is_open)
        return err_set(err, ERR_AWAY, "there is no IMAP session");
    return imap_wait_begin(f->imap, timeout_s, err);
}

void fetch_disable(struct inbox *inbox, const struct conf_imap *account, const char *why)
{
    MEM_SCOPE(mem);
    char *name[FOLDERS_MAX];
    struct err err;
    struct fetch_sum sum;
    struct fetcher f = {.o = {.inbox = inbox, .account = account}};
    size_t n = conf_split(mem, account->folders, name, FOLDERS_MAX);
    err_set(&err, ERR_AGAIN, "%s", why);
    while (n-- > 0)
        fetch_failed(&f, name[n], &err, &sum, &err);
}

int fetch_status(struct db *db, const char *time_zone, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_FETCH_STATUS, db_text(time_zone));
}
