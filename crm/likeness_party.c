/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A contact is taken apart once, before it is compared with many.
 */
#include "crm/likeness_party.h"

#include <ctype.h>

#include "base/unicode.h"

/* ---- organisations */

/* Legal forms and short names are written with dots or without: "sh p k" → "shpk", "n t p" → "ntp"; a lonely
 * letter ("metal m") stays. */
static char *join_letters(void *mem, const char *fold)
{
    struct text t = text_new(mem);
    int letters = 0; /* of the run before */
    while (*fold) {
        size_t len = strcspn(fold, " ");
        bool letter = len == 1 || (len == 2 && (!strncmp(fold, "sh", 2) || !strncmp(fold, "sp", 2)));
        if (t.len && !(letter && letters > 0))
            text_putc(&t, ' ');
        text_add(&t, fold, len);
        letters = letter ? letters + 1 : 0;
        fold += len + (fold[len] == ' ');
    }
    return t.s;
}

static bool has_token(const struct org_name *name, const char *key)
{
    for (size_t i = 0; i < name->n; i++)
        if (!strcmp(name->token[i].key, key))
            return true;
    return false;
}

static void add_token(struct org_name *name, struct token token)
{
    if (*token.key && name->n < MAX_TOKENS && !has_token(name, token.key))
        name->token[name->n++] = token;
}

/* One word, or a place of several; its length. */
static size_t take_word(void *mem, struct org_name *name, const char *at)
{
    static const enum token_kind kinds[] = {[WORD_NONE] = TOKEN_OWN,
                                            [WORD_TYPE] = TOKEN_TYPE,
                                            [WORD_WORD] = TOKEN_WORD,
                                            [WORD_ACRONYM] = TOKEN_ACRONYM};
    struct place place;
    const char *key;
    size_t len;
    if (place_at(at, &place, &len)) {
        add_token(name,
                  (struct token){place.key, place.land ? TOKEN_LAND : TOKEN_PLACE, place.country, place.key});
        return len;
    }
    len = strcspn(at, " ");
    enum word_class class = word_find(at, len, &key);
    if (class == WORD_LEGAL || class == WORD_STOP)
        return len;
    const char *near = unicode_near(mem, talloc_strndup(mem, at, len));
    add_token(name, (struct token){class == WORD_NONE ? near : key, kinds[class], NULL, near});
    return len;
}

static bool has_all(const struct org_name *name, const char *keys)
{
    while (*keys) {
        size_t len = strcspn(keys, " "), i;
        for (i = 0; i < name->n; i++)
            if (!strncmp(name->token[i].key, keys, len) && !name->token[i].key[len])
                break;
        if (i == name->n)
            return false;
        keys += len + (keys[len] == ' ');
    }
    return true;
}

static bool is_among(const char *key, const char *keys)
{
    size_t len = strlen(key);
    for (const char *at = keys; (at = strstr(at, key)); at += len)
        if ((at == keys || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return true;
    return false;
}

/* The ministry of local government administration is MAPL. */
static void spell(struct org_name *name)
{
    const char *key, *keys;
    for (size_t s = 0; word_spelt(s, &key, &keys); s++) {
        if (!has_all(name, keys))
            continue;
        size_t n = 0;
        for (size_t i = 0; i < name->n; i++)
            if (!is_among(name->token[i].key, keys))
                name->token[n++] = name->token[i];
        name->n = n;
        add_token(name, (struct token){key, TOKEN_ACRONYM, NULL, key});
        return;
    }
}

static const char *find_initials(void *mem, const char *words)
{
    struct text t = text_new(mem);
    while (*words) {
        const char *key;
        size_t len = strcspn(words, " ");
        enum word_class class = word_find(words, len, &key);
        if (class != WORD_STOP && class != WORD_LEGAL)
            text_putc(&t, *words);
        words += len + (words[len] == ' ');
    }
    return t.len >= 3 && t.len <= 8 ? unicode_near(mem, t.s) : "";
}

void org_name_parse(void *mem, const char *text, struct org_name *name_r)
{
    *name_r = (struct org_name){.text = talloc_strdup(mem, text), .fold = unicode_fold(mem, text)};
    const char *words = join_letters(mem, name_r->fold);
    name_r->initials = find_initials(mem, words);
    while (*words) {
        words += take_word(mem, name_r, words);
        words += *words == ' ';
    }
    spell(name_r);
    const char *near = unicode_near(mem, text);
    if (!name_r->n) /* of nothing but forms and small words: they are its name then */
        add_token(name_r, (struct token){near, TOKEN_OWN, NULL, near});
}

/* ---- persons */

/* A word that stands beside names in phones and lists: of the firm, a trade, a place. */
static bool is_beside(const char *fold, const char *near, const struct org_name *orgs, size_t norgs)
{
    const char *key;
    struct place place;
    if (place_find(fold, &place) || word_find(fold, strlen(fold), &key) != WORD_NONE)
        return true;
    for (size_t i = 0; i < norgs; i++)
        if (has_token(&orgs[i], near) || is_among(fold, orgs[i].fold))
            return true;
    return false;
}

static void add_person_words(void *mem, struct person_name *name, const char *fold, bool soft,
                             const struct org_name *orgs, size_t norgs)
{
    while (*fold && name->n < MAX_TOKENS) {
        size_t len = strcspn(fold, " ");
        const char *word = talloc_strndup(mem, fold, len), *near = unicode_near(mem, word);
        enum title title = TITLE_NONE;
        enum personname_word what = personname_word(word, &title);
        fold += len + (fold[len] == ' ');
        if (title >= TITLE_JUNIOR)
            name->generation = title;
        else if (what != PERSONNAME_TITLE)
            name->word[name->n++] = (struct person_word){near, soft || what == PERSONNAME_PERHAPS ||
                                                                   is_beside(word, near, orgs, norgs)};
    }
}

void person_name_parse(void *mem, const char *text, const struct org_name *orgs, size_t norgs,
                       struct person_name *name_r)
{
    *name_r = (struct person_name){.text = talloc_strdup(mem, text), .fold = unicode_fold(mem, text)};
    size_t open = strcspn(text, "(");
    struct personname name = personname_of(mem, talloc_strndup(mem, text, open));
    const char *bare = talloc_strndup(mem, name.name, strlen(name.name) - strlen(name.suffix));
    name_r->generation = name.generation;
    add_person_words(mem, name_r, unicode_fold(mem, bare), false, orgs, norgs);
    add_person_words(mem, name_r, unicode_fold(mem, text + open), true, orgs, norgs);
}

/* ---- addresses */

static const char *const free_mail[] = {
    "aol",        "abv",     "aon",    "bluewin", "eunet",    "fastmail", "freenet",    "gmail", "gmx",
    "googlemail", "hotmail", "icloud", "interia", "live",     "mac",      "mail",       "me",    "msn",
    "o2",         "onet",    "op",     "outlook", "poczta",   "proton",   "protonmail", "ptt",   "rocketmail",
    "sbb",        "seznam",  "siol",   "sunrise", "t-online", "telia",    "tutanota",   "verat", "web",
    "wp",         "yahoo",   "yandex", "ymail",   "zoho",
};

bool likeness_is_free_mail(const char *domain)
{
    size_t len = strcspn(domain, ".");
    for (size_t i = 0; i < ARRAY_LEN(free_mail); i++)
        if (strlen(free_mail[i]) == len && !strncmp(domain, free_mail[i], len))
            return true;
    return false;
}

/* What begins so is read by whoever sits there. */
static const char *const roles[] = {
    "info",     "office",     "contact",   "kontakt", "kabinet",  "kabineti", "mail",       "post",
    "posta",    "admin",      "sales",     "biuro",   "zyra",     "redak",    "press",      "registry",
    "protocol", "kryetari",   "hello",     "support", "ministri", "gmina",    "rada",       "amb",
    "emb",      "predsednik", "komuna",    "opstina", "kanc",     "sekret",   "delegation", "rezerv",
    "podrska",  "hr",         "webmaster", "team",
};

static bool is_role(const char *local)
{
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        size_t len = strlen(roles[i]);
        if (!strncmp(local, roles[i], len) && (len > 4 || !isalpha((unsigned char)local[len])))
            return true;
    }
    return false;
}

static void parse_email(void *mem, const struct likeness_value *value, struct email *e)
{
    const char *at = strrchr(value->text, '@');
    size_t local = at ? strcspn(value->text, "+@") : 0;
    *e = (struct email){.text = talloc_strdup(mem, value->text), .own = value->own};
    e->local = talloc_strndup(mem, value->text, local);
    e->domain = talloc_strdup(mem, at ? at + 1 : "");
    e->plain = talloc_asprintf(mem, "%s@%s", e->local, e->domain);
    e->free = likeness_is_free_mail(e->domain);
    e->role = is_role(e->local);
}

/* ---- the whole */

/* How many it is: none, or one. */
static size_t parse_place(struct likeness_party *p, const char *text, struct token *t)
{
    struct place place;
    const char *fold = unicode_fold(p, text);
    if (strlen(text) == 2) /* ISO 3166 */
        *t = (struct token){fold, TOKEN_LAND, talloc_strdup(p, text), fold};
    else if (*fold && place_find(fold, &place))
        *t = (struct token){place.key, place.land ? TOKEN_LAND : TOKEN_PLACE, place.country, place.key};
    else if (*fold)
        *t = (struct token){unicode_near(p, fold), TOKEN_PLACE, NULL, fold};
    return *fold != 0;
}

static void parse_places(struct likeness_party *p, const struct likeness_record *r)
{
    p->place = talloc_zero_array(p, struct token, r->nplaces + 1);
    for (size_t i = 0; i < r->nplaces; i++)
        p->nplace += parse_place(p, r->places[i], &p->place[p->nplace]);
    if (r->village)
        p->nvillage = parse_place(p, r->village, &p->place[p->nplace]);
}

static char *letters_and_digits(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (; *s; s++)
        if (isalnum((unsigned char)*s))
            text_putc(&t, (char)tolower((unsigned char)*s));
    return t.s;
}

struct likeness_party *likeness_party_new(void *mem, const struct likeness_record *r)
{
    struct likeness_party *p = talloc_zero(mem, struct likeness_party);
    const char *const *org = r->organisation ? r->names : r->others;
    const char *const *person = r->organisation ? r->others : r->names;
    p->id = r->id;
    p->organisation = r->organisation;
    p->norg = r->organisation ? r->nnames : r->nothers;
    p->nperson = r->organisation ? r->nothers : r->nnames;
    p->org = talloc_zero_array(p, struct org_name, p->norg);
    for (size_t i = 0; i < p->norg; i++)
        org_name_parse(p, org[i], &p->org[i]);
    p->person = talloc_zero_array(p, struct person_name, p->nperson);
    for (size_t i = 0; i < p->nperson; i++)
        person_name_parse(p, person[i], p->org, p->norg, &p->person[i]);
    p->nemail = r->nemails;
    p->email = talloc_zero_array(p, struct email, p->nemail);
    for (size_t i = 0; i < p->nemail; i++)
        parse_email(p, &r->emails[i], &p->email[i]);
    p->nphone = r->nphones;
    p->phone = talloc_zero_array(p, struct likeness_value, p->nphone);
    for (size_t i = 0; i < p->nphone; i++)
        p->phone[i] = (struct likeness_value){talloc_strdup(p, r->phones[i].text), r->phones[i].own};
    p->post = talloc_zero_array(p, const char *, r->nposts);
    for (; p->npost < r->nposts; p->npost++)
        p->post[p->npost] = unicode_near(p, r->posts[p->npost]);
    parse_places(p, r);
    p->circle = talloc_strdup(p, r->circle ? r->circle : "");
    p->registration = r->registration ? letters_and_digits(p, r->registration) : NULL;
    return p;
}

int64_t likeness_party_id(const struct likeness_party *party)
{
    return party->id;
}
