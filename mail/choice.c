/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/choice.h"

#include "mail/mailing_low.h"
#include "sql/choice.h"

size_t mailing_languages(void *mem, const char *array, const char *out[MAILING_MAX_LANGUAGES])
{
    size_t n = 0;
    char *s = talloc_strdup(mem, array + strspn(array, "{"));
    for (char *next; s && *s && *s != '}' && n < MAILING_MAX_LANGUAGES; s = next) {
        size_t len = strcspn(s, ",}");
        next = s[len] == ',' ? s + len + 1 : NULL;
        s[len] = 0;
        out[n++] = s;
    }
    return n;
}

const struct template_text *choice_text(const struct choice *c, const struct template_set *texts,
                                        const char *languages, bool *theirs_r)
{
    MEM_SCOPE(mem);
    const char *tag[MAILING_MAX_LANGUAGES];
    const char *const last[] = {c->fallback, c->bilingual ? NULL : c->default_language};
    const struct template_set two = {texts->v, c->bilingual && texts->n > 2 ? 2 : texts->n};
    size_t n = mailing_languages(mem, languages, tag);
    const struct template_text *text = template_choose(&two, tag, n);
    if (!text)
        text = template_choose(texts, tag, n);
    if (theirs_r)
        *theirs_r = text != NULL;
    for (size_t i = 0; !text && i < ARRAY_LEN(last); i++)
        if (last[i])
            text = template_choose(texts, &last[i], 1);
    return text || !c->bilingual || !texts->n ? text : &texts->v[0];
}

const char *choice_second(const struct choice *c, const struct template_set *texts,
                          const struct template_text *first)
{
    if (!c->bilingual || texts->n < 2)
        return NULL;
    return texts->v[first == &texts->v[0]].language;
}

/* The two, with room for a third. */
static int take_two(void *mem, const char *languages, struct template_set *texts, struct err *err)
{
    const char *comma = strchr(languages, ','), *tag[2];
    if (!comma || strchr(comma + 1, ','))
        return err_set(err, ERR_USAGE, "--bilingual takes two languages, as in \"sq,sr-Latn\", not \"%s\"",
                       languages);
    tag[0] = talloc_strndup(mem, languages, (size_t)(comma - languages));
    tag[1] = comma + 1;
    struct template_text *two = talloc_array(mem, struct template_text, 3);
    for (size_t i = 0; i < 2; i++) {
        const struct template_text *text = template_choose(texts, &tag[i], 1);
        if (!text)
            return err_set(err, ERR_INPUT, "the template has no text in %s, one of the two languages",
                           tag[i]);
        two[i] = *text;
    }
    if (!strcmp(two[0].language, two[1].language))
        return err_set(err, ERR_INPUT, "\"%s\" means %s twice", languages, two[0].language);
    *texts = (struct template_set){two, 2};
    return 0;
}

int choice_take(void *mem, struct choice *c, const char *bilingual, struct template_set *texts,
                struct err *err)
{
    c->bilingual = bilingual != NULL;
    const struct template_text *fallback = c->fallback ? template_choose(texts, &c->fallback, 1) : NULL;
    if (c->fallback && !fallback)
        return err_set(err, ERR_INPUT, "the template has no text in %s, the fallback", c->fallback);
    if (!bilingual)
        return 0;
    if (take_two(mem, bilingual, texts, err) < 0)
        return -1;
    if (fallback && strcmp(fallback->language, texts->v[0].language) &&
        strcmp(fallback->language, texts->v[1].language))
        texts->v[texts->n++] = *fallback;
    return 0;
}

int choice_set_seconds(const struct choice *c, const struct template_set *texts,
                       struct template *const *compiled, struct err *err)
{
    for (size_t i = 0; i < texts->n; i++) {
        const char *second = choice_second(c, texts, &texts->v[i]);
        for (size_t k = 0; second && k < texts->n; k++)
            if (!strcmp(texts->v[k].language, second) &&
                template_set_second(compiled[i], compiled[k], err) < 0)
                return -1;
    }
    return 0;
}

int choice_keep(struct db *db, int64_t mailing, const struct choice *c, struct err *err)
{
    if (!c->bilingual && !c->fallback)
        return 0;
    return db_run(db, NULL, err, SQL_CHOICE_KEEP, db_int(mailing), db_bool(c->bilingual),
                  db_text(c->fallback)) < 0
               ? -1
               : 0;
}

int choice_load(void *mem, struct db *db, const struct conf *conf, int64_t mailing, struct choice *choice_r,
                struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_CHOICE_OF, db_int(mailing)) < 0)
        return -1;
    const char *fallback = db_get_text(rows, 0, "fallback");
    *choice_r = (struct choice){.fallback = fallback ? talloc_strdup(mem, fallback) : NULL,
                                .default_language = conf->office.default_language,
                                .bilingual = db_get_bool(rows, 0, "bilingual")};
    return 0;
}

int choice_load_second(void *mem, struct db *db, int64_t mailing, const char *language, struct template *text,
                       struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(db, &rows, err, SQL_CHOICE_SECOND, db_int(mailing), db_text(language));
    if (rc <= 0)
        return rc;
    const struct template_text source = {.name = db_get_str(rows, 0, "name"),
                                         .language = db_get_str(rows, 0, "language"),
                                         .subject = db_get_str(rows, 0, "subject"),
                                         .body = db_get_str(rows, 0, "body"),
                                         .body_line = (int)db_get_int(rows, 0, "line")};
    struct template *second;
    return template_compile(mem, &source, &second, err) < 0 ? -1 : template_set_second(text, second, err);
}
