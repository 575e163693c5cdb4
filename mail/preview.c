/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One letter of each language, as it will be: rendered from the rows that the draft has.
 */
#include "mail/mailing.h"

#include "mail/attachment.h"
#include "mail/choice.h"
#include "mail/class.h"
#include "mail/template.h"
#include "sql/mailing.h"

/* The link to unsubscribe is a sample: the keys are not in a clerk's hands. */
static void add_sample(void *mem, const struct conf *conf, const struct db_rows *text, json_t *view)
{
    const struct class_mailing mailing = class_of_mailing(mem, text);
    const struct conf_smtp *account = conf_find_smtp(conf, db_get_str(text, 0, "account"));
    if (account)
        class_view(mem, &(struct class_letter){.conf = conf, .account = account, .mailing = &mailing}, view);
}

static int render_sample(struct db *db, const struct conf *conf, int64_t id, const struct db_rows *rows,
                         int i, json_t *letters, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS text = NULL;
    const char *language = db_get_str(rows, i, "language");
    struct template *compiled;
    struct template_letter letter;
    if (db_run(db, &text, err, SQL_MAILING_TEXT_OF, db_int(id), db_text(language)) < 0)
        return -1;
    struct template_text source = {.name = db_get_str(text, 0, "name"),
                                   .language = language,
                                   .subject = db_get_str(text, 0, "subject"),
                                   .body = db_get_str(text, 0, "body"),
                                   .body_line = (int)db_get_int(text, 0, "line")};
    json_t *attachments;
    if (template_compile(mem, &source, &compiled, err) < 0 ||
        choice_load_second(mem, db, id, language, compiled, err) < 0 ||
        attachment_list(db, id, db_get_int(rows, i, "id"), language, &attachments, err) < 0)
        return -1;
    json_t *view = json_loads(db_get_str(rows, i, "view"), 0, NULL);
    add_sample(mem, conf, text, view);
    int rc = template_render(mem, compiled, view, &letter, err);
    if (rc == 0)
        json_array_append_new(letters,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "language", language, "name",
                                        db_get_str(rows, i, "name"), "address", db_get_str(rows, i, "email"),
                                        "subject", letter.subject, "text", letter.text, "html", letter.html,
                                        "attachments", attachments));
    json_decref(attachments);
    json_decref(view);
    return rc;
}

/* Of the language's recipients, all. */
static json_t *latin_of(const struct db_rows *latin, const char *language)
{
    json_t *names = json_array();
    for (int i = 0; i < db_rows_count(latin); i++)
        if (!strcmp(db_get_str(latin, i, "language"), language))
            json_array_append_new(names, json_pack("{s:I, s:s}", "contact",
                                                   (json_int_t)db_get_int(latin, i, "contact_id"), "name",
                                                   db_get_str(latin, i, "name")));
    return names;
}

static int no_letter(struct db *db, int64_t id, const char *language, struct err *err)
{
    MEM_SCOPE(mem);
    struct mailing_info info;
    return mailing_get(mem, db, id, &info, err) < 0
               ? -1
               : err_set(err, ERR_NOTFOUND, "mailing %lld has no letter%s%s", (long long)id,
                         language ? " in " : "", language ? language : "");
}

int mailing_preview(struct db *db, const struct conf *conf, int64_t id, const char *language,
                    json_t **letters_r, struct err *err)
{
    DB_ROWS rows = NULL;
    DB_ROWS latin = NULL;
    int n = db_run(db, &rows, err, SQL_MAILING_SAMPLES, db_int(id), db_text(language));
    if (n < 0 || db_run(db, &latin, err, SQL_MAILING_LATIN, db_int(id)) < 0)
        return -1;
    if (n == 0)
        return no_letter(db, id, language, err);
    json_t *letters = json_array();
    for (int i = 0; i < n; i++) {
        if (render_sample(db, conf, id, rows, i, letters, err) < 0) {
            json_decref(letters);
            return -1;
        }
        json_object_set_new(json_array_get(letters, (size_t)i), "latin",
                            latin_of(latin, db_get_str(rows, i, "language")));
    }
    *letters_r = letters;
    return 0;
}
