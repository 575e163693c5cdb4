/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A question is made of numbers (runs of words that hold nothing but digits and the signs between them, five
 * digits or more), of places, which may have several words, and of words.
 */
#include "crm/search.h"

#include <ctype.h>

#include "base/unicode.h"
#include "crm/place.h"

enum { NUMBER_MIN_DIGITS = 5, WORD_MAX_LETTERS = 100 };

static int add_term(struct search *s, const char *term, struct err *err)
{
    if (s->n == SEARCH_MAX_TERMS)
        return err_set(err, ERR_USAGE, "a question has at most %d words", SEARCH_MAX_TERMS);
    s->term[s->n++] = term;
    return 0;
}

/* The run as it was typed, then the other names of the place. */
static const char *place_term(void *mem, const char *run, size_t len, const char *key)
{
    struct text t = text_new(mem);
    text_add(&t, run, len);
    size_t at = 0;
    for (const char *name; (name = place_next_name(key, &at));)
        if (strncmp(name, run, len) != 0 || name[len])
            text_printf(&t, "|%s", name);
    return t.s;
}

/* A card has no more of a word. */
static char *word_term(void *mem, const char *word, size_t len)
{
    const char *end = word;
    for (int i = 0; i < WORD_MAX_LETTERS && end < word + len; i++)
        unicode_next(&end);
    return talloc_strndup(mem, word, (size_t)(end - word));
}

static int add_words(void *mem, struct search *s, const char *text, bool places, struct err *err)
{
    struct place place;
    size_t len;
    for (const char *fold = unicode_fold(mem, text); *fold; fold += len + (fold[len] == ' ')) {
        const char *term;
        if (places && place_at(fold, &place, &len)) {
            term = place_term(mem, fold, len, place.key);
        } else {
            len = strcspn(fold, " ");
            term = word_term(mem, fold, len);
        }
        if (add_term(s, term, err) < 0)
            return -1;
    }
    return 0;
}

/* A number is found by its end: the digits, last first.  Zeros before it (044, 00383) are a way to dial. */
static int add_number(void *mem, struct search *s, const char *text, struct err *err)
{
    struct text t = text_new(mem);
    text_printf(&t, "%s|#", unicode_fold(mem, text));
    const char *begin = text + strcspn(text, "123456789");
    for (const char *at = begin + strlen(begin); at-- > begin;)
        if (isdigit((unsigned char)*at))
            text_putc(&t, *at);
    text_putc(&t, '*');
    return add_term(s, t.s, err);
}

static size_t digits_of(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += isdigit((unsigned char)*s) != 0;
    return n;
}

static bool is_numeric(const char *word)
{
    return digits_of(word) > 0 && !word[strspn(word, "0123456789+-/().")];
}

static int add_run(void *mem, struct search *s, const char *run, bool numeric, struct err *err)
{
    return numeric && digits_of(run) >= NUMBER_MIN_DIGITS ? add_number(mem, s, run, err)
                                                          : add_words(mem, s, run, true, err);
}

static int parse_runs(void *mem, struct search *s, char *text, struct err *err)
{
    struct text run = text_new(mem);
    bool numeric = false;
    char *rest = text;
    for (char *word; (word = strsep(&rest, " "));) {
        bool number = is_numeric(word);
        if (run.len && number != numeric) {
            if (add_run(mem, s, run.s, numeric, err) < 0)
                return -1;
            run = text_new(mem);
        }
        numeric = number;
        text_printf(&run, "%s%s", run.len ? " " : "", word);
        if (!number && s->ntyped < SEARCH_MAX_TERMS)
            s->typed[s->ntyped++] = word;
    }
    return run.len ? add_run(mem, s, run.s, numeric, err) : 0;
}

/* The last label of a domain is that of half the world, or unfinished. */
static const char *without_last_label(void *mem, const char *address)
{
    const char *at = strrchr(address, '@'), *dot = strrchr(at, '.');
    return dot ? talloc_strndup(mem, address, (size_t)(dot - address)) : address;
}

int search_parse(void *mem, const char *text, struct search *search_r, struct err *err)
{
    *search_r = (struct search){.address = ""};
    if (!unicode_valid_utf8(text, strlen(text)))
        return err_set(err, ERR_USAGE, "the text is not UTF-8");
    if (strchr(text, '@')) {
        search_r->address = unicode_case_fold_email(mem, text);
        return add_words(mem, search_r, without_last_label(mem, search_r->address), false, err);
    }
    return parse_runs(mem, search_r, unicode_squeeze(mem, text), err);
}

struct db_arg search_terms(void *mem, const struct search *search)
{
    return db_texts(mem, search->term, search->n);
}
