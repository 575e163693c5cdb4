/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Messages are stored in batches, one commit each: what needs no look before it is stored waits in memory and
 * goes with one statement.  When the store refuses a batch, the folder is read again from the last commit
 * with batches of one, and a message that is refused alone gets a place that says why.
 */
#include "mail/fetch.h"

#include <ctype.h>

#include "base/log.h"
#include "base/unicode.h"
#include "mail/inbox_match.h"
#include "mail/message.h"
#include "mail/wire/imap.h"
#include "sql/fetch.h"
#include "sql/inbox.h"

enum { BATCH_MESSAGES = 50, BATCH_BYTES = 8 << 20, FOLDERS_MAX = 100 };

struct fetcher {
    struct fetch_options o;
    struct imap_options imap_options;
    struct imap *imap;
};

struct folder {
    struct fetcher *f;
    const char *name;
    bool sent;
    int64_t mailbox, uidvalidity;
    struct fetch_sum *sum;
    /* the batch */
    struct db_tx *tx;
    int batch_max, messages;
    size_t bytes;
    int64_t last_uid;
    bool refused, stopped;
    /* of the batch, what is not stored yet */
    void *held_mem;
    struct held {
        struct message_new message; /* raw is NULL where there are no bytes: why says the reason */
        uint32_t uid;
        const char *why;
    } held[BATCH_MESSAGES];
    size_t nheld;
};

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
        .mechanism = a->mechanism,
        .max_message_bytes = (size_t)a->max_message_bytes,
    };
}

int fetcher_open(void *mem, const struct fetch_options *options, struct fetcher **fetcher_r, struct err *err)
{
    const struct conf_imap *a = options->account;
    struct fetcher *f = talloc_zero(mem, struct fetcher);
    char *password;
    f->o = *options;
    if (conf_read_secret(f, a->password_file, &password, err) < 0) {
        talloc_free(f);
        return err_context(err, "[imap %s]", a->name);
    }
    f->imap_options = fetch_imap_options(a, password);
    *fetcher_r = f;
    return 0;
}

static void hang_up(struct fetcher *f)
{
    if (f->imap)
        imap_close(f->imap);
    f->imap = NULL;
}

void fetcher_close(struct fetcher *f)
{
    hang_up(f);
    talloc_free(f);
}

static int dial(struct fetcher *f, struct err *err)
{
    return f->imap ? 0 : imap_open(f, &f->imap_options, &f->imap, err);
}

/* ---- batch */

static bool is_refusal(const struct err *err)
{
    return err->code == ERR_INPUT || err->code == ERR_CONFLICT;
}

static int batch_begin(struct folder *d, struct err *err)
{
    return d->tx->db ? 0 : db_begin(d->tx, d->f->o.inbox->db, DB_WRITE, err);
}

static int add_places(struct folder *d, const struct message_new *stored, struct err *err)
{
    int64_t uid[BATCH_MESSAGES], id[BATCH_MESSAGES];
    const char *why[BATCH_MESSAGES];
    for (size_t i = 0; i < d->nheld; i++) {
        const struct held *h = &d->held[i];
        uid[i] = h->uid;
        id[i] = h->message.raw ? (stored++)->id : 0;
        why[i] = h->why;
    }
    return db_run(d->f->o.inbox->db, NULL, err, SQL_FETCH_ADD_PLACES, db_int(d->mailbox),
                  db_int(d->uidvalidity), db_ints(d->held_mem, uid, d->nheld),
                  db_ints(d->held_mem, id, d->nheld), db_texts(d->held_mem, why, d->nheld));
}

static int store_held(struct folder *d, struct err *err)
{
    struct message_new m[BATCH_MESSAGES];
    size_t n = 0;
    for (size_t i = 0; i < d->nheld; i++)
        if (d->held[i].message.raw)
            m[n++] = d->held[i].message;
    if ((n && message_store_many(d->f->o.inbox->db, m, n, err) < 0) ||
        (d->nheld && add_places(d, m, err) < 0))
        return -1;
    for (size_t i = 0; i < n; i++)
        m[i].added ? d->sum->kept++ : d->sum->known++;
    d->sum->apart += d->nheld - n;
    return 0;
}

static void drop_held(struct folder *d)
{
    TALLOC_FREE(d->held_mem);
    d->nheld = 0;
}

static void hold(struct folder *d, const struct imap_message *m)
{
    if (!d->held_mem)
        d->held_mem = talloc_new(d->f);
    const char *why = m->why ? m->why : "it cannot be fetched";
    d->held[d->nheld++] = (struct held){
        .message = {.raw = m->bytes ? talloc_memdup(d->held_mem, m->bytes, m->size) : NULL, .len = m->size},
        .uid = m->uid,
        .why = m->bytes ? NULL : talloc_strdup(d->held_mem, why),
    };
}

static int batch_commit(struct folder *d, struct err *err)
{
    if (!d->messages)
        return 0;
    int rc = batch_begin(d, err) < 0 ? -1 : store_held(d, err);
    drop_held(d);
    d->refused = rc < 0 && is_refusal(err);
    if (rc < 0)
        return -1;
    d->messages = 0;
    d->bytes = 0;
    if (db_run(d->f->o.inbox->db, NULL, err, SQL_FETCH_ADVANCE, db_int(d->mailbox), db_int(d->uidvalidity),
               db_int(d->last_uid + 1)) < 0)
        return -1;
    return db_commit(d->tx, err);
}

static int add_place(struct folder *d, uint32_t uid, int64_t message, const char *why, struct err *err)
{
    if (!message)
        d->sum->apart++;
    return db_run(d->f->o.inbox->db, NULL, err, SQL_FETCH_ADD_PLACE, db_int(d->mailbox),
                  db_int(d->uidvalidity), db_int(uid), db_int_or_null(message), db_text(why));
}

/* ---- one message */

/* Addresses in small letters, our own left out. */
static struct db_arg foreign_addresses(void *mem, const struct conf *conf, const struct letter *l)
{
    struct letter_list keys = {0};
    for (size_t i = 0; i <= l->to.n; i++) {
        const char *address = i < l->to.n ? l->to.item[i] : l->from;
        if (!address || inbox_is_own(conf, address))
            continue;
        char *key = talloc_strdup(mem, address);
        for (char *p = key; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        keys.item = talloc_realloc(mem, keys.item, const char *, keys.n + 1);
        keys.item[keys.n++] = key;
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

/* What an official wrote from a mail client of theirs: outgoing, in the thread that it answers. */
static int store_sent(struct folder *d, const struct letter *l, const struct imap_message *m, int64_t *id_r,
                      struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    const struct inbox *inbox = d->f->o.inbox;
    struct message_meta meta = {
        .date = l->date, .from_address = l->from, .from_name = l->from_name, .subject = l->subject};
    if (db_run(inbox->db, &rows, err, SQL_FETCH_PLACE_SENT, db_texts(mem, l->answers.item, l->answers.n),
               foreign_addresses(mem, inbox->conf, l)) < 0)
        return -1;
    meta.thread_id = db_get_int_or(rows, 0, "thread_id", 0);
    meta.contact_id = db_get_int_or(rows, 0, "contact_id", 0);
    int rc = message_store(inbox->db, MESSAGE_OUT, m->bytes, m->size, &meta, id_r, err);
    if (rc == 1 && db_run(inbox->db, NULL, err, SQL_FETCH_FILE_SENT, db_int(*id_r)) < 0)
        return -1;
    if (l->in_reply_to && db_run(inbox->db, NULL, err, SQL_FETCH_MARK_ANSWERED, db_text(l->in_reply_to)) < 0)
        return -1;
    return rc;
}

static const char *hash_of(void *mem, const struct folder *d, const struct imap_message *m)
{
    unsigned char identity[DIGEST_BYTES];
    message_identity(m->bytes, m->size, identity);
    return talloc_asprintf(mem, "personal: %s",
                           keyring_hash(mem, d->f->o.inbox->ring, "personal", identity, sizeof identity));
}

/* What has to be read before it may be stored.  A mail that cannot be read is stored from the office's
 * accounts, where it will be parked, and kept apart from a personal one. */
static int store_by_facts(struct folder *d, const struct imap_message *m, int64_t *id_r, const char **why_r,
                          void *mem, struct err *err)
{
    struct letter l = {0};
    json_t *facts = NULL;
    bool known = false, personal = d->f->o.account->personal;
    int rc = cage_facts(d->f->o.inbox->cage, m->bytes, m->size, &facts, err);
    if (rc < 0 && err->code != ERR_INPUT)
        return -1;
    if (rc == 0)
        letter_read(mem, facts, &l);
    rc = personal && facts ? is_known(d, &l, &known, err) : 0;
    if (rc == 0 && personal && !known)
        *why_r = hash_of(mem, d, m);
    else if (rc == 0 && d->sent && facts && inbox_is_own(d->f->o.inbox->conf, l.from))
        rc = store_sent(d, &l, m, id_r, err);
    else if (rc == 0)
        rc = message_store(d->f->o.inbox->db, MESSAGE_IN, m->bytes, m->size, NULL, id_r, err);
    json_decref(facts);
    return rc;
}

static int store_message(struct folder *d, const struct imap_message *m, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t id = 0;
    const char *why = NULL;
    if (!m->bytes || (!d->sent && !d->f->o.account->personal)) {
        hold(d, m);
        return 0;
    }
    int rc = batch_begin(d, err) < 0 ? -1 : store_by_facts(d, m, &id, &why, mem, err);
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
    snprintf(text, sizeof text, "%s", unicode_valid_utf8(why, strlen(why)) ? why : "the store refuses it");
    log_warning("[imap %s] %s: message %lu is kept apart: %s", d->f->o.account->name, d->name,
                (unsigned long)m->uid, text);
    db_tx_end(d->tx);
    if (batch_begin(d, err) < 0 || add_place(d, m->uid, 0, text, err) < 0)
        return -1;
    d->last_uid = m->uid;
    d->messages = 1;
    d->refused = false;
    return batch_commit(d, err);
}

static int take_message(void *context, const struct imap_message *m, struct err *err)
{
    struct folder *d = context;
    if (d->f->o.stop && *d->f->o.stop) {
        d->stopped = true;
        return err_set(err, ERR_AGAIN, "told to stop");
    }
    int rc = store_message(d, m, err);
    d->refused = rc < 0 && is_refusal(err);
    if (rc == 0) {
        d->last_uid = m->uid;
        d->bytes += m->size;
        rc = ++d->messages >= d->batch_max || d->bytes >= BATCH_BYTES ? batch_commit(d, err) : 0;
    }
    if (rc < 0 && d->refused && d->batch_max == 1)
        rc = set_apart(d, m, err->text, err);
    d->sum->seen += rc == 0;
    return rc;
}

/* ---- a folder */

/* From where the last commit ended, with batches of `batch_max`. */
static int read_from_here(struct folder *d, const struct imap_folder *info, int batch_max, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    if (db_run(d->f->o.inbox->db, &rows, err, SQL_FETCH_POSITION, db_int(d->mailbox)) < 0)
        return -1;
    int64_t next = db_get_int(rows, 0, "next_uid");
    if (info->exists == 0 || (info->uidnext && info->uidnext <= next))
        return 0;
    d->tx = &tx;
    d->batch_max = batch_max;
    drop_held(d);
    d->messages = 0;
    d->bytes = 0;
    d->last_uid = next - 1;
    d->refused = false;
    int rc = imap_fetch_since(d->f->imap, (uint32_t)next, take_message, d, err);
    if (d->stopped || (rc < 0 && !d->refused && d->messages > 0)) {
        struct err ignored; /* what is in hand is whole */
        if (batch_commit(d, &ignored) < 0)
            return -1;
    }
    return d->stopped ? 0 : rc < 0 ? -1 : batch_commit(d, err);
}

static int read_folder(struct folder *d, const struct imap_folder *info, struct err *err)
{
    DB_ROWS rows = NULL;
    struct imap_folder again = *info;
    struct db *db = d->f->o.inbox->db;
    if (db_run(db, &rows, err, SQL_FETCH_POSITION, db_int(d->mailbox)) < 0)
        return -1;
    if (db_get_int(rows, 0, "uidvalidity") != info->uidvalidity &&
        db_run(db, NULL, err, SQL_FETCH_START_AGAIN, db_int(d->mailbox), db_int(info->uidvalidity)) < 0)
        return -1;
    d->uidvalidity = info->uidvalidity;
    int rc = read_from_here(d, info, BATCH_MESSAGES, err);
    if (rc == 0 || !d->refused)
        return rc;
    hang_up(d->f);
    if (dial(d->f, err) < 0 || imap_examine(d->f->imap, d->name, &again, err) < 0)
        return -1;
    return again.uidvalidity == info->uidvalidity ? read_from_here(d, &again, 1, err) : 0;
}

/* 0 also when another process is at this folder. */
static int fetch_folder(struct fetcher *f, const char *name, bool sent, struct fetch_sum *sum,
                        struct err *err)
{
    DB_ROWS rows = NULL;
    struct db *db = f->o.inbox->db;
    struct imap_folder info;
    struct folder d = {.f = f, .name = name, .sent = sent, .sum = sum};
    if (dial(f, err) < 0 || imap_examine(f->imap, name, &info, err) < 0 ||
        db_run(db, &rows, err, SQL_FETCH_MAILBOX, db_text(f->o.account->name), db_text(name),
               db_int(info.uidvalidity)) < 0)
        return -1;
    d.mailbox = db_get_int(rows, 0, "id");
    if (db_run(db, &rows, err, SQL_FETCH_LOCK, db_int(d.mailbox)) < 0)
        return -1;
    if (!db_get_bool(rows, 0, "locked"))
        return 0;
    int rc = read_folder(&d, &info, err);
    drop_held(&d);
    if (rc == 0)
        rc = db_run(db, NULL, err, SQL_FETCH_SUCCEED, db_int(d.mailbox)) < 0 ? -1 : 0;
    struct err ignored; /* a connection that is lost has lost its locks */
    if (db_run(db, &rows, &ignored, SQL_FETCH_UNLOCK, db_int(d.mailbox)) < 0 && rc == 0)
        log_warning("[imap %s] %s: %s", f->o.account->name, name, ignored.text);
    return rc;
}

static void record_failure(struct fetcher *f, const char *name, const struct err *why)
{
    struct err err;
    const char *text = unicode_valid_utf8(why->text, strlen(why->text)) ? why->text : "it cannot be read";
    log_error("[imap %s] %s: %s", f->o.account->name, name, why->text);
    if (db_revive(f->o.inbox->db, &err) < 0 ||
        db_run(f->o.inbox->db, NULL, &err, SQL_FETCH_FAIL, db_text(f->o.account->name), db_text(name),
               db_text(text)) < 0)
        log_error("%s", err.text);
}

static int do_folder(struct fetcher *f, const char *name, bool sent, struct fetch_sum *sum, struct err *err)
{
    struct inbox_sum judged = {0};
    struct err why;
    if (f->o.stop && *f->o.stop)
        return 0;
    int rc = fetch_folder(f, name, sent, sum, &why);
    if (rc < 0) {
        record_failure(f, name, &why);
        hang_up(f);
        if (!sum->failed++)
            *err = why;
    }
    struct err ignored;
    rc = inbox_judge_new(f->o.inbox, &judged, sum->failed ? &ignored : err);
    sum->judged += judged.judged;
    sum->parked += judged.parked;
    sum->waiting = judged.waiting;
    if (rc < 0 && !sum->failed++)
        return -1;
    return rc;
}

static int settle_by_copies(struct db *db, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_FETCH_SETTLE_BY_COPY);
    for (int i = 0; i < n; i++)
        if (db_run(db, NULL, err, SQL_INBOX_FINISH_MAILING, db_int(db_get_int(rows, i, "mailing_id"))) < 0)
            return -1;
    return n < 0 ? -1 : 0;
}

int fetcher_pass(struct fetcher *f, struct fetch_sum *sum, struct err *err)
{
    MEM_SCOPE(mem);
    *sum = (struct fetch_sum){0};
    if (db_revive(f->o.inbox->db, err) < 0)
        return -1;
    /* the first folder comes last, so that it is open while the session waits for new mail */
    if (f->o.account->sent && do_folder(f, f->o.account->sent, true, sum, err) < 0)
        return -1;
    char *name[FOLDERS_MAX];
    size_t n = conf_split(mem, f->o.account->folders, name, FOLDERS_MAX);
    while (n-- > 0)
        if (do_folder(f, name[n], false, sum, err) < 0)
            return -1;
    return sum->failed ? -1 : settle_by_copies(f->o.inbox->db, err);
}

int fetcher_wait(struct fetcher *f, int timeout_s, struct err *err)
{
    int rc =
        f->imap ? imap_wait(f->imap, timeout_s, err) : err_set(err, ERR_AWAY, "there is no IMAP session");
    if (rc < 0)
        hang_up(f);
    return rc;
}

int fetch_status(struct db *db, const char *time_zone, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_FETCH_STATUS, db_text(time_zone));
}
