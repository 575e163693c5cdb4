/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is beyond the caps is cut or left whole, and said to be; no mail is refused for its shape.
 */
#include "mail/wire/facts.h"

#include "base/unicode.h"
#include "mail/wire/facts_low.h"
#include "mail/wire/ical_lazy.h"

void facts_init(void)
{
    icalerror_set_errors_are_fatal(false);
    ical_set_unknown_token_handling_setting(ICAL_DISCARD_TOKEN);
    MEM_SCOPE(mem);
    const char *bytes = "\xe6\xf0", *encoding;
    char *utf8;
    if (unicode_decode(mem, bytes, 2, unicode_detect(mem, bytes, 2), &utf8, &encoding, NULL) == 0)
        talloc_free(unicode_fold(mem, utf8)); /* the tables of base/unicode.h are in memory now */
}

const char *facts_from(const json_t *facts, size_t part)
{
    const char *s =
        json_string_value(json_array_get(json_array_get(json_object_get(facts, "from"), 0), part));
    return s ? s : "";
}

static int check(size_t len, struct err *err)
{
    if (len == 0)
        return err_set(err, ERR_INPUT, "the mail is empty");
    if (len > FACTS_MESSAGE_MAX)
        return err_set(err, ERR_INPUT, "the mail is larger than %d MB", FACTS_MESSAGE_MAX >> 20);
    return 0;
}

static json_t *facts_of(void *mem, const char *mail, size_t len, const struct thin *thin)
{
    bool omitted;
    struct entity *message = entity_read(mem, mail, len, &omitted);
    json_t *facts = json_object();
    facts_header(facts, message);
    if (omitted || (thin && thin_omitted(thin)))
        json_object_set_new(facts, "parts_omitted", json_true());
    facts_parts(facts, message, thin);
    return facts;
}

int facts_parse(const char *mail, size_t len, json_t **facts_r, struct err *err)
{
    MEM_SCOPE(mem);
    if (check(len, err) < 0)
        return -1;
    *facts_r = facts_of(mem, mail, len, NULL);
    return 0;
}

int facts_parse_file(int fd, size_t len, json_t **facts_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct thin *thin;
    if (check(len, err) < 0 || thin_read(mem, fd, len, &thin, err) < 0)
        return -1;
    const char *mail = thin_mail(thin, &len);
    *facts_r = facts_of(mem, mail, len, thin);
    return 0;
}

int facts_part(void *mem, const char *mail, size_t len, const char *path, char **bytes_r, size_t *len_r,
               struct err *err)
{
    MEM_SCOPE(scratch);
    bool omitted;
    if (check(len, err) < 0)
        return -1;
    struct entity *message = entity_read(scratch, mail, len, &omitted);
    const char *bytes = facts_find_part(scratch, message, path, len_r);
    if (!bytes)
        return err_set(err, ERR_NOTFOUND, "the mail has no part %.40s", path);
    *bytes_r = talloc_memdup(mem, *len_r ? bytes : "", *len_r + !*len_r);
    return 0;
}
