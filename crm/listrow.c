/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * First the cells are collected by field, then each field that has rules of its own is mended or complained
 * of.  The worst complaint gives the class.
 */
#include "crm/listrow_low.h"

#include "base/unicode.h"
#include "base/unicode_locale.h"
#include "crm/email.h"
#include "crm/language.h"
#include "crm/listword.h"
#include "crm/phone.h"

const char *listrow_class_name(enum listrow_class class)
{
    static const char *const name[] = {"ready", "check", "refused", "empty"};
    return name[class];
}

void listrow_complain(struct listrow_reading *r, enum listrow_class class, const char *fmt, ...)
{
    if (class > r->row->class)
        r->row->class = class;
    if (r->reason.len)
        text_puts(&r->reason, "; ");
    va_list ap;
    va_start(ap, fmt);
    text_puts(&r->reason, talloc_vasprintf(r->mem, fmt, ap));
    va_end(ap);
}

/* ---- addresses, phones, languages */

/* What is there already is public where one of the two is. */
static bool has_email(struct list_row *row, const char *key, bool private)
{
    for (size_t i = 0; i < row->emails; i++)
        if (!strcmp(row->email[i].key, key)) {
            row->email[i].private = row->email[i].private && private;
            return true;
        }
    return false;
}

static void refuse_email(struct listrow_reading *r, const char *address, const char *flaw)
{
    const char *mended = email_mend(r->mem, address);
    if (mended)
        listrow_complain(r, LISTROW_REFUSED, TEXT(r, "broken address \"%s\": %s; perhaps %s"), address,
                         TEXT(r, flaw), mended);
    else
        listrow_complain(r, LISTROW_REFUSED, TEXT(r, "broken address \"%s\": %s"), address, TEXT(r, flaw));
}

static bool is_ascii(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s > 127)
            return false;
    return true;
}

static void take_emails(struct listrow_reading *r, const char *cell, bool private)
{
    struct list_row *row = r->row;
    char *piece[LISTROW_MAX_EMAILS];
    size_t n = email_split(r->mem, cell, piece, ARRAY_LEN(piece));
    if (n > 1)
        listrow_complain(
            r, LISTROW_CHECK,
            catalog_plural(r->options->catalog, "%zu address in a cell", "%zu addresses in a cell", (long)n),
            n);
    for (size_t i = 0; i < n; i++) {
        const char *flaw = email_flaw(piece[i]);
        if (flaw) {
            refuse_email(r, piece[i], flaw);
            continue;
        }
        const char *key = unicode_case_fold_email(r->mem, piece[i]);
        if (has_email(row, key, private) || row->emails == LISTROW_MAX_EMAILS)
            continue;
        if (!is_ascii(strchr(key, '@')))
            listrow_complain(r, LISTROW_CHECK, TEXT(r, "letters beyond a-z in the domain of %s"), piece[i]);
        row->email[row->emails].private = private;
        row->email[row->emails].email = email_normal(r->mem, piece[i]);
        row->email[row->emails++].key = key;
    }
}

static void take_phones(struct listrow_reading *r, const char *cell, const char *country, bool private)
{
    struct list_row *row = r->row;
    char *piece[LISTROW_MAX_PHONES];
    size_t n = phone_split(r->mem, cell, piece, ARRAY_LEN(piece));
    for (size_t i = 0; i < n && row->phones < LISTROW_MAX_PHONES; i++) {
        char e164[PHONE_E164_SIZE];
        bool known = phone_e164(piece[i], country, e164);
        if (!known)
            listrow_complain(r, LISTROW_CHECK, TEXT(r, "phone \"%s\" cannot be read"), piece[i]);
        row->phone[row->phones].private = private;
        row->phone[row->phones].typed = piece[i];
        row->phone[row->phones++].e164 = known ? talloc_strdup(r->mem, e164) : NULL;
    }
}

static void complain_of_language(struct listrow_reading *r, const char *tag)
{
    const char *meant = language_meant(r->mem, tag);
    if (meant)
        listrow_complain(r, LISTROW_CHECK, TEXT(r, "unknown language \"%s\"; did you mean \"%s\"?"), tag,
                         meant);
    else
        listrow_complain(r, LISTROW_CHECK, TEXT(r, "unknown language \"%s\""), tag);
}

static void take_languages(struct listrow_reading *r, const char *value)
{
    struct list_row *row = r->row;
    const char *name = row->text[FIELD_NAME] ? row->text[FIELD_NAME] : row->text[FIELD_ORGANISATION];
    for (const char *at = value; *at && row->languages < LISTROW_MAX_LANGUAGES;) {
        at += strspn(at, ", ");
        size_t len = strcspn(at, ", ");
        const char *tag = talloc_strndup(r->mem, at, len);
        at += len;
        if (!len)
            continue;
        if (!strcmp(tag, "sr") && name && unicode_script(name) == UNICODE_CYRILLIC)
            tag = "sr-Cyrl";
        if (unicode_knows_language(tag))
            row->language[row->languages++] = tag;
        else
            complain_of_language(r, tag);
    }
}

static void add_category(struct list_row *row, const char *slug)
{
    for (size_t i = 0; i < row->categories; i++)
        if (!strcmp(row->category[i], slug))
            return;
    if (*slug && row->categories < LISTROW_MAX_CATEGORIES)
        row->category[row->categories++] = slug;
}

/* "NGO, media": where the whole is no word that is known, its parts may be.  "person fizik" says the kind. */
static void take_category(struct listrow_reading *r, const char *clean)
{
    const char *meaning =
        r->options->card ? clean : mapping_value(r->options->mapping, FIELD_CATEGORY, clean);
    while (*meaning) {
        meaning += strspn(meaning, ",;/ ");
        size_t len = strcspn(meaning, ",;/");
        const char *part = unicode_squeeze(r->mem, talloc_strndup(r->mem, meaning, len));
        const char *slug = *part ? mapping_value(r->options->mapping, FIELD_CATEGORY, part) : part;
        const char *kind = !strcmp(slug, part) ? listword_kind(part) : NULL;
        if (!kind)
            add_category(r->row, slug);
        else if (!r->row->text[FIELD_KIND] || !mapping_is_column(r->options->mapping, FIELD_KIND))
            r->row->text[FIELD_KIND] = kind;
        meaning += len;
    }
}

/* What the row says, else its group, else the mapping; and what is always so. */
static void take_categories(struct listrow_reading *r)
{
    const struct listrow_options *o = r->options;
    bool said = false;
    for (size_t i = 0; i < r->record->n; i++) {
        if (mapping_field(o->mapping, i) != FIELD_CATEGORY)
            continue;
        const char *clean = unicode_squeeze(r->mem, r->record->cell[i]);
        said = said || *clean;
        if (*clean)
            take_category(r, clean);
    }
    if (!said && o->category)
        add_category(r->row, o->category);
    if (!r->row->categories && mapping_default(o->mapping, FIELD_CATEGORY))
        take_category(r, mapping_default(o->mapping, FIELD_CATEGORY));
    if (mapping_always(o->mapping))
        take_category(r, mapping_always(o->mapping));
}

/* As the store wants it (contact_tag). */
static bool is_tag(const char *word)
{
    enum { MAX_SIGNS = 64 };
    size_t signs = 0;
    for (const char *s = word; *s; signs++)
        unicode_next(&s);
    return signs <= MAX_SIGNS && !strpbrk(word, ":\"()");
}

static bool has_tag(const struct list_row *row, const char *tag)
{
    for (size_t i = 0; i < row->tags; i++)
        if (!strcmp(row->tag[i], tag))
            return true;
    return false;
}

/* Words with commas or blanks between, as `contact edit --tag` takes them. */
static void take_tags(struct listrow_reading *r, const char *cell)
{
    struct list_row *row = r->row;
    const char *all = unicode_lower(r->mem, unicode_squeeze(r->mem, cell)), *between = ",; ";
    for (const char *s = all; *(s += strspn(s, between));) {
        size_t len = strcspn(s, between);
        const char *tag = talloc_strndup(r->mem, s, len);
        s += len;
        if (!is_tag(tag))
            listrow_complain(r, LISTROW_CHECK, TEXT(r, "\"%s\" cannot be a tag"), tag);
        else if (row->tags == LISTROW_MAX_TAGS)
            listrow_complain(r, LISTROW_CHECK, TEXT(r, "too many tags: \"%s\""), tag);
        else if (!has_tag(row, tag))
            row->tag[row->tags++] = tag;
    }
}

static void take_details(struct listrow_reading *r)
{
    const struct listrow_options *o = r->options;
    struct list_row *row = r->row;
    for (size_t i = 0; o->label && i < r->record->n && i < mapping_columns(o->mapping); i++) {
        if (mapping_field(o->mapping, i) != FIELD_DETAIL)
            continue;
        const char *clean = unicode_squeeze(r->mem, r->record->cell[i]);
        if (!*clean)
            continue;
        row->detail = talloc_realloc(r->mem, row->detail, struct list_detail, (unsigned)row->details + 1);
        row->detail[row->details++] = (struct list_detail){o->label[i], clean};
    }
}

/* ---- the row */

/* The cells of one field, cleaned and translated, with `between` where there are several; NULL if all are
 * empty. */
static const char *collect(struct listrow_reading *r, enum field field, const char *between)
{
    struct mapping *m = r->options->mapping;
    const char *all = NULL;
    for (size_t i = 0; i < r->record->n; i++) {
        if (mapping_field(m, i) != field)
            continue;
        const char *clean = unicode_squeeze(r->mem, r->record->cell[i]);
        const char *meaning = *clean ? mapping_value(m, field, clean) : clean;
        if (*meaning)
            all = all ? talloc_asprintf(r->mem, "%s%s%s", all, between, meaning) : meaning;
    }
    return all ? all : mapping_default(m, field);
}

static bool is_empty(const char *cell)
{
    for (uint32_t c; (c = unicode_next(&cell));)
        if (!unicode_is_blank(c))
            return false;
    return true;
}

static bool all_empty(const struct listrow_reading *r)
{
    for (size_t i = 0; i < r->record->n; i++)
        if (!is_empty(r->record->cell[i]))
            return false;
    return true;
}

/* Empty cells too many at the end are harmless. */
static bool has_right_width(const struct listrow_reading *r)
{
    size_t n = r->record->n;
    while (n > r->record->width && is_empty(r->record->cell[n - 1]))
        n--;
    return n == r->record->width;
}

static void read_fields(struct listrow_reading *r)
{
    struct list_row *row = r->row;
    for (int f = FIELD_IGNORE + 1; f < FIELD_COUNT; f++)
        if (f != FIELD_EMAIL && f != FIELD_PHONE && f != FIELD_LANGUAGE && f != FIELD_CATEGORY &&
            f != FIELD_DETAIL && f != FIELD_TAG && f != FIELD_PRIVATE_EMAIL && f != FIELD_PRIVATE_PHONE)
            row->text[f] = collect(r, (enum field)f, f == FIELD_NOTE ? "; " : " ");
    if (row->text[FIELD_FLAW]) {
        listrow_complain(r, LISTROW_REFUSED, "%s", row->text[FIELD_FLAW]);
        return;
    }
    if (row->text[FIELD_DOUBT])
        listrow_complain(r, LISTROW_CHECK, "%s", row->text[FIELD_DOUBT]);
    take_categories(r); /* they may say the kind */
    listrow_clean(r);
}

static void read_lists(struct listrow_reading *r)
{
    const struct mapping *m = r->options->mapping;
    const char *country = r->row->text[FIELD_COUNTRY] ? r->row->text[FIELD_COUNTRY] : r->options->country;
    for (size_t i = 0; i < r->record->n; i++) {
        enum field field = mapping_field(m, i);
        if (field == FIELD_EMAIL || field == FIELD_PRIVATE_EMAIL)
            take_emails(r, r->record->cell[i], field == FIELD_PRIVATE_EMAIL);
        else if (field == FIELD_PHONE || field == FIELD_PRIVATE_PHONE)
            take_phones(r, r->record->cell[i], country, field == FIELD_PRIVATE_PHONE);
        else if (field == FIELD_TAG)
            take_tags(r, r->record->cell[i]);
    }
    take_details(r);
    const char *language = collect(r, FIELD_LANGUAGE, ",");
    if (language)
        take_languages(r, language);
    else if (mapping_has(m, FIELD_LANGUAGE) && !r->options->card)
        listrow_complain(r, LISTROW_CHECK, "%s", TEXT(r, "no language"));
}

void listrow_read(void *mem, const struct listrow_options *options, const struct csv_record *record,
                  struct list_row *row_r)
{
    *row_r = (struct list_row){.number = record->number, .line = record->line, .reason = ""};
    struct listrow_reading r = {
        .mem = mem, .options = options, .record = record, .row = row_r, .reason = text_new(mem)};
    if (all_empty(&r)) {
        row_r->class = LISTROW_EMPTY;
        return;
    }
    if (has_right_width(&r)) {
        read_fields(&r);
        read_lists(&r);
    } else
        listrow_complain(&r, LISTROW_REFUSED,
                         catalog_plural(options->catalog, "%zu cell where the header has %zu",
                                        "%zu cells where the header has %zu", (long)record->n),
                         record->n, record->width);
    row_r->reason = r.reason.s;
}
