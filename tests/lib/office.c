/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "base/db_send.h"
#include "cmd/store.h"
#include "mail/envelope.h"
#include "mail/token.h"
#include "mail/wire/imap.h"

void office_child(int argc, char **argv)
{
    mem_init();
    if (argc > 1 && !strcmp(argv[1], "cage"))
        exit(cage_main((const struct cage_parser *const[]){&facts_parser, &facts_part_parser, NULL}));
    if (argc > 1 && !strcmp(argv[1], "imap-worker"))
        exit(imap_worker_main());
}

/* ---- SQL */

void office_do(struct office *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    DONE(db_script(o->su, talloc_vasprintf(o->mem, fmt, ap), err));
    va_end(ap);
}

/* A statement made while the test runs, which is not kept prepared. */
const char *office_ask(struct office *o, const char *fmt, ...)
{
    DB_ROWS rows = NULL;
    va_list ap;
    va_start(ap, fmt);
    struct db_stmt *s = talloc_zero(o->mem, struct db_stmt);
    *s = (struct db_stmt){.name = "office_ask",
                          .sql = talloc_vasprintf(o->mem, fmt, ap),
                          .promise = DB_ROWS_many,
                          .built = true};
    va_end(ap);
    DONE(db_run_args(o->su, &rows, err, s, NULL));
    const char *cell = db_rows_count(rows) ? db_cell(rows, 0, 0) : NULL;
    return talloc_strdup(o->mem, cell ? cell : "");
}

/* ---- the office */

static const char conf_text[] =
    "[database]\nconninfo = %s\n"
    "[office]\nname = Klokot\ndomain = klokot.example\nemail = kabinet@klokot.example\n"
    "[keys]\nfile = %s/keys\n"
    "[smtp office]\nfrom_address = kabinet@klokot.example\n"
    "[imap office]\nuser = u\npassword_file = p\naddress = kabinet@klokot.example\n%s\n";

static void write_conf(struct office *o, const char *more)
{
    char *keys = talloc_asprintf(o->mem, "%s/keys", o->dir),
         *path = talloc_asprintf(o->mem, "%s/conf", o->dir);
    char *text = talloc_asprintf(o->mem, conf_text, o->conninfo, o->dir, more);
    struct conf *conf;
    struct keyring *ring;
    DONE(keyring_create(keys, err));
    DONE(keyring_open(o->mem, keys, &ring, err));
    DONE(mem_write_file(path, text, strlen(text), err));
    DONE(conf_load(o->mem, path, &conf, err));
    o->inbox.conf = conf;
    o->inbox.ring = ring;
}

struct office *office_open(const char *database, const char *more)
{
    const char *cluster = getenv("ADRESAR_TEST_PG"), *dir = getenv("ADRESAR_TEST_DIR");
    struct office *o = talloc_zero(NULL, struct office);
    bool created;
    int applied;
    if (!cluster)
        fail_msg("ADRESAR_TEST_PG names no PostgreSQL; tests/run starts one");
    o->mem = o;
    o->dir = talloc_asprintf(o, "%s/%s.XXXXXX", dir ? dir : "/tmp", database);
    must(mkdtemp(o->dir));
    char *name = talloc_asprintf(o, "%s_%d", database, (int)getpid());
    o->conninfo = talloc_asprintf(o, "%s dbname=%s", cluster, name);
    DONE(store_create(cluster, name, &created, err));
    DONE(store_upgrade(o->conninfo, &applied, err));
    DONE(db_open(&o->su, o->conninfo, NULL, "test", err));
    DONE(db_open(&o->inbox.db, o->conninfo, "adresar_fetch", "test", err));
    write_conf(o, more);
    DONE(cage_open(o->mem, &o->inbox.cage, err));
    office_do(o, "set session_replication_role = replica;"
                 "insert into department (slug, name) values ('mayor', 'Mayor''s office');"
                 "insert into worker (host, pid, account, lease_until) values ('here', 1, 'office', now())");
    return o;
}

void office_close(struct office *o)
{
    cage_close(o->inbox.cage);
    db_close(o->inbox.db);
    db_close(o->su);
    unlink(talloc_asprintf(o, "%s/keys", o->dir));
    unlink(talloc_asprintf(o, "%s/conf", o->dir));
    rmdir(o->dir);
    talloc_free(o);
}

int64_t office_add_mailing(struct office *o)
{
    const char *id =
        office_ask(o, "with e as (insert into event (uid, sequence, department_id, starts_at, ends_at)"
                      " select gen_random_uuid() || '@klokot.example', 1, 1, now() + '30 days', now() + '31 "
                      "days' returning id)"
                      " insert into mailing (id, kind, name, event_id, department_id, account, state, "
                      "prepared_by, released_by,"
                      " released_at) overriding system value select id, 'invitation', 'Conference', id, 1, "
                      "'office', 'released',"
                      " 'ana', 'besa', now() from e returning id");
    return strtoll(id, NULL, 10);
}

static int64_t add_contact(struct office *o, const char *email, int64_t *address_r)
{
    const char *id =
        office_ask(o, "insert into contact (kind, department_id) values ('person', 1) returning id");
    office_do(o,
              "insert into contact_name (contact_id, name, main, fold, near) values (%s, '%s', true, '', '')",
              id, email);
    *address_r =
        strtoll(office_ask(o,
                           "insert into address (contact_id, email, email_key) values (%s, '%s', lower('%s'))"
                           " returning id",
                           id, email, email),
                NULL, 10);
    return strtoll(id, NULL, 10);
}

struct office_letter office_write(struct office *o, int64_t mailing, const char *email, const char *state)
{
    struct office_letter to = {.email = email};
    to.contact = add_contact(o, email, &to.address);
    return office_write_again(o, mailing, &to, state);
}

struct office_letter office_write_again(struct office *o, int64_t mailing, const struct office_letter *to,
                                        const char *state)
{
    struct office_letter l = *to;
    int64_t message;
    l.outbox = strtoll(
        office_ask(
            o,
            "insert into outbox (mailing_id, contact_id, address_id, email, name, language, view, state)"
            " values (%lld, %lld, %lld, '%s', '', 'en', '{}', 'queued') returning id",
            (long long)mailing, (long long)l.contact, (long long)l.address, l.email),
        NULL, 10);
    l.message_id = token_message_id(o, o->inbox.ring, o->inbox.conf->office.domain, l.outbox, 1);
    l.envelope = envelope_sender(o, o->inbox.ring, o->inbox.conf->smtp, l.outbox);
    l.envid = token_envid(o, o->inbox.ring, l.outbox);
    char *raw = talloc_asprintf(o, "From: kabinet@klokot.example\r\nTo: %s\r\nMessage-ID: %s\r\n\r\nDear\r\n",
                                l.email, l.message_id);
    struct message_meta meta = {.contact_id = l.contact, .outbox_id = l.outbox, .subject = "Invitation"};
    DONE(message_store(o->su, MESSAGE_OUT, raw, strlen(raw), &meta, &message, err));
    office_do(o,
              "update outbox set rfc_message_id = '%s', message_id = %lld, envelope_from = '%s', "
              "content_sha256 = '',"
              " submitting_at = now(), worker_id = (select min(id) from worker) where id = %lld",
              l.message_id, (long long)message, l.envelope, (long long)l.outbox);
    office_do(o, "update outbox set state = '%s' where id = %lld", state, (long long)l.outbox);
    return l;
}

void office_arrive(struct office *o, struct message_new *m, size_t n, bool kin)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct message_new **all = talloc_array(mem, struct message_new *, (unsigned)n);
    struct inbox_sum sum = {0};
    struct inbox_early *early = inbox_early_new(mem, &o->inbox, conf_find_imap(o->inbox.conf, "office"));
    for (size_t i = 0; i < n; i++) {
        all[i] = &m[i];
        message_new_read(mem, &m[i]);
        inbox_early_add(early, &m[i]);
    }
    DONE(db_begin(&tx, o->inbox.db, DB_WRITE, err));
    DONE(inbox_early_look(early, err));
    DONE(inbox_early_ask(early, err));
    DONE(inbox_early_judge(early, err));
    DONE(message_send_many(o->inbox.db, all, n, &rows, err));
    DONE(db_send_commit(&tx, err));
    inbox_early_sent(early);
    DONE(db_settle(o->inbox.db, err));
    for (int row = 0; row < db_rows_count(rows); row++)
        m[db_get_int(rows, row, "n") - 1].id = db_get_int(rows, row, "id");
    if (kin)
        DONE(inbox_early_judge_kin(early, &sum, err));
}

int64_t office_receive(struct office *o, const char *mail, size_t len)
{
    MEM_SCOPE(mem);
    struct inbox_sum sum = {0};
    char *hex = talloc_strdup(mem, "");
    struct message_new m = {.raw = mail, .len = len};
    office_arrive(o, &m, 1, false);
    for (size_t i = 0; i < sizeof m.identity; i++)
        hex = talloc_asprintf_append(hex, "%02x", m.identity[i]);
    int64_t id = strtoll(office_ask(o, "select id from message where identity = '\\x%s'", hex), NULL, 10);
    office_do(o,
              "insert into mailbox (account, folder, uidvalidity) values ('office', 'INBOX', 1) on conflict "
              "do nothing;"
              "insert into message_place (mailbox_id, uidvalidity, uid, message_id) values (1, 1, %d, %lld)",
              ++o->uid, (long long)id);
    DONE(inbox_judge_new(&o->inbox, &sum, err));
    return id;
}

int64_t office_report(struct office *o, const struct office_report *r)
{
    const char *envid = r->envid ? talloc_asprintf(o, "Original-Envelope-Id: %s\r\n", r->envid) : "";
    const char *original =
        r->original ? talloc_asprintf(o, "Original-Recipient: rfc822; %s\r\n", r->original) : "";
    const char *returned =
        r->returned
            ? talloc_asprintf(o, "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n",
                              r->returned)
            : "";
    char *mail = talloc_asprintf(
        o,
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: %s\r\nSubject: Undelivered\r\n"
        "Message-ID: <r%d@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n%s\r\n"
        "Final-Recipient: rfc822; %s\r\n%sAction: %s\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n%s"
        "\r\n--b--\r\n",
        r->to ? r->to : "kabinet@klokot.example", o->uid + 1, envid, r->final, original,
        r->action ? r->action : "failed", r->status, r->text, returned);
    return office_receive(o, mail, strlen(mail));
}

int64_t office_receive_text(struct office *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *mail = talloc_vasprintf(o->mem, fmt, ap);
    va_end(ap);
    return office_receive(o, mail, strlen(mail));
}

const char *office_message(struct office *o, int64_t id, const char *column)
{
    return office_ask(o, "select %s from message where id = %lld", column, (long long)id);
}
