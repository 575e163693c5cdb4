/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The release of a mailing: letters to posts turn to the holders of that day, who must not be written to is
 * excluded, the rest is queued, or waits to be printed; one transaction, in the name of a second person.
 */
#include "mail/mailing.h"

#include <time.h>

#include "base/catalog.h"
#include "mail/attachment.h"
#include "mail/choice.h"
#include "mail/mailing_low.h"
#include "mail/template.h"
#include "mail/view.h"
#include "sql/mailing.h"
#include "sql/outbox.h"

struct resolving {
    void *mem;
    struct db *db;
    const struct conf *conf;
    const struct mailing_info *mailing;
    struct view_maker *maker;
    int64_t outbox, post, holder;
};

/* The text for the recipient and the one below it; NULL: none. */
static int text_languages(struct resolving *r, const char *languages, const char **language_r,
                          const char **second_r, struct err *err)
{
    DB_ROWS rows = NULL;
    struct choice choice;
    int n = db_run(r->db, &rows, err, SQL_MAILING_TEXT_LANGUAGES, db_int(r->mailing->id));
    if (n < 0 || choice_load(r->mem, r->db, r->conf, r->mailing->id, &choice, err) < 0)
        return -1;
    struct template_text *texts = talloc_zero_array(r->mem, struct template_text, (unsigned)n);
    for (int i = 0; i < n; i++)
        texts[i].language = talloc_strdup(texts, db_get_str(rows, i, "language"));
    const struct template_set set = {.v = texts, .n = (size_t)n};
    const struct template_text *text = choice_text(&choice, &set, languages, NULL);
    *language_r = text ? text->language : NULL;
    *second_r = text ? choice_second(&choice, &set, text) : NULL;
    return 0;
}

static int hold(struct resolving *r, const char *why, struct err *err)
{
    return db_run(r->db, NULL, err, SQL_OUTBOX_HOLD_AT_RELEASE, db_int(r->outbox), db_text(why),
                  db_int(r->mailing->event_starts), db_int(mailing_days(r->mailing->kind))) < 0
               ? -1
               : 0;
}

static int turn_to(struct resolving *r, const struct db_rows *rows, struct mailing_way way,
                   const char *language, const char *second, struct err *err)
{
    struct view view;
    struct view_recipient who = {
        .contact_id = r->holder,
        .post_id = r->post,
        .language = language,
        .paper = way.paper,
        .second = second,
    };
    if (view_make(r->maker, r->mem, &who, 1, &view, err) < 0)
        return -1;
    if (!view.value)
        return hold(r, view.why, err);
    if (!mailing_way_settle(&way, view.value)) {
        json_decref(view.value);
        return hold(r, "the new holder has no address that can be written to", err);
    }
    char *json = json_dumps(view.value, JSON_COMPACT);
    int rc = db_run(r->db, NULL, err, SQL_OUTBOX_RESOLVE_POST, db_int(r->outbox), db_int(r->holder),
                    db_int_or_null(way.paper ? 0 : db_get_int(rows, 0, "address_id")),
                    db_text(way.paper ? "paper" : "email"), db_text(way.paper ? "" : way.email),
                    db_text(view.name), db_text(language), db_text(json));
    free(json);
    json_decref(view.value);
    return rc < 0 ? -1 : 0;
}

/* Whoever cannot be written to now is held for a person, with the reason. */
static int resolve(struct resolving *r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (!r->holder)
        return hold(r, "the post is vacant", err);
    if (db_run(r->db, &rows, err, SQL_MAILING_RECIPIENTS_BY_ID, db_ints(r->mem, &r->holder, 1),
               db_ints(r->mem, (int64_t[]){0}, 1)) < 0)
        return -1;
    struct mailing_way way = mailing_way(r->mem, rows, 0, r->mailing->paper);
    const char *language, *second;
    bool personal;
    if (text_languages(r, db_get_str(rows, 0, "languages"), &language, &second, err) < 0 ||
        attachment_is_personal(r->db, r->mailing->id, &personal, err) < 0)
        return -1;
    if (personal)
        return hold(r, "the letter has a file for whoever held the post before", err);
    if (!way.email && !way.paper)
        return hold(r, "the new holder has no address that can be written to", err);
    if (!language)
        return hold(r, "there is no text in a language of the new holder", err);
    return turn_to(r, rows, way, language, second, err);
}

static int resolve_posts(struct db *db, const struct conf *conf, const struct mailing_info *info,
                         struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(common);
    struct view_maker *maker = view_maker_new(common, db, conf, info->event_id);
    int n =
        strcmp(info->state, "draft") ? 0 : db_run(db, &rows, err, SQL_OUTBOX_POSTS_MOVED, db_int(info->id));
    for (int i = 0; i < n; i++) {
        MEM_SCOPE(mem);
        struct resolving r = {.mem = mem,
                              .db = db,
                              .conf = conf,
                              .mailing = info,
                              .maker = maker,
                              .outbox = db_get_int(rows, i, "id"),
                              .post = db_get_int(rows, i, "post_id"),
                              .holder = db_get_int(rows, i, "holder_id")};
        int rc = !db_get_bool(rows, i, "has_it")
                     ? resolve(&r, err)
                     : db_run(db, NULL, err, SQL_OUTBOX_EXCLUDE_ONE, db_int(r.outbox),
                              db_text("the post's new holder has the mailing already"));
        if (rc < 0)
            return -1;
    }
    return n < 0 ? -1 : 0;
}

static int queue_recipients(struct db *db, const struct mailing_info *info, int *queued_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t last = 0, n;
    *queued_r = 0;
    do {
        if (db_run(db, &rows, err, SQL_OUTBOX_RELEASE, db_int(info->id), db_int(info->event_starts),
                   db_int(last), db_int(mailing_days(info->kind))) < 0)
            return -1;
        n = db_get_int(rows, 0, "n");
        last = db_get_int_or(rows, 0, "last", 0);
        *queued_r += (int)n;
    } while (n > 0);
    return 0;
}

static int release_recipients(struct db *db, const struct mailing_info *info, int *queued_r, int *paper_r,
                              struct err *err)
{
    if (db_run(db, NULL, err, SQL_OUTBOX_EXCLUDE_CONTACTS, db_int(info->id)) < 0 ||
        db_run(db, NULL, err, SQL_OUTBOX_EXCLUDE_CONSENT, db_int(info->id)) < 0 ||
        db_run(db, NULL, err, SQL_OUTBOX_EXCLUDE_AT_RELEASE, db_int(info->id)) < 0 ||
        db_run(db, NULL, err, SQL_OUTBOX_EXCLUDE_ANSWERED, db_int(info->id)) < 0 ||
        (!strcmp(info->shared_address, "one") &&
         db_run(db, NULL, err, SQL_OUTBOX_EXCLUDE_SHARED, db_int(info->id)) < 0))
        return -1;
    *paper_r = db_run(db, NULL, err, SQL_OUTBOX_RELEASE_PAPER, db_int(info->id), db_int(info->event_starts));
    return *paper_r < 0 ? -1 : queue_recipients(db, info, queued_r, err);
}

int mailing_release(struct db *db, const struct conf *conf, int64_t id, int *queued_r, int *paper_r,
                    struct err *err)
{
    MEM_SCOPE(mem);
    struct mailing_info info;
    DB_TX tx = {0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        db_run(db, NULL, err, SQL_MAILING_LOCK_EVENT, db_int(id)) < 0 ||
        mailing_get(mem, db, id, &info, err) < 0 || mailing_check(db, RIGHT_release, id, err) < 0 ||
        resolve_posts(db, conf, &info, err) < 0)
        return -1;
    if (info.event_starts && info.event_starts <= time(NULL) && !strcmp(info.state, "draft"))
        return err_set(err, ERR_CONFLICT, "mailing %lld is not released: its event has begun", (long long)id);
    int rc = db_run(db, NULL, err, SQL_MAILING_RELEASE, db_int(id));
    if (rc < 0 && strstr(err->text, "four_eyes"))
        return err_set(err, ERR_CONFLICT, "mailing %lld was prepared by %s: somebody else releases it",
                       (long long)id, info.prepared_by);
    if (rc == 0)
        return mailing_not_in_state(db, id, N_("a draft"), err);
    if (rc < 0 || release_recipients(db, &info, queued_r, paper_r, err) < 0)
        return -1;
    return db_commit(&tx, err);
}
