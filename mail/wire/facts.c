/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The caps stand before GMime, which takes 30 times the memory of a huge header block and recurses into
 * nested address groups.
 */
#include "mail/wire/facts.h"

#include <iconv.h>
#include "mail/wire/ical_lazy.h"

#include "base/unicode.h"
#include "mail/wire/facts_low.h"

/* Encoded words are converted by the C library, which loads a module for each encoding and drops it after the
 * last use; in the cage no file can be opened.  So one converter of each is opened here and stays open. */
static const char *const parameter_charsets[] = {
    "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-5",   "ISO-8859-9", "ISO-8859-15", "WINDOWS-1250",
    "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1254", "KOI8-R",     "CP852",       "GB2312",
    "GBK",          "SHIFT_JIS",    "ISO-2022-JP",  "UTF-8",      "US-ASCII",
};
static iconv_t held[ARRAY_LEN(parameter_charsets)];

void facts_init(void)
{
    g_mime_init();
    icalerror_set_errors_are_fatal(false);
    ical_set_unknown_token_handling_setting(ICAL_DISCARD_TOKEN);
    for (size_t i = 0; i < ARRAY_LEN(parameter_charsets); i++) {
        held[i] = iconv_open("UTF-8", parameter_charsets[i]);
        char in[] = "abc", out[64], *from = in, *to = out;
        size_t from_left = 3, to_left = sizeof out;
        if (held[i] != (iconv_t)-1 && iconv(held[i], &from, &from_left, &to, &to_left) == (size_t)-1)
            iconv(held[i], NULL, NULL, NULL, NULL);
    }
    MEM_SCOPE(mem);
    const char *bytes = "\xe6\xf0", *encoding;
    char *utf8;
    if (unicode_decode(mem, bytes, 2, unicode_detect(mem, bytes, 2), &utf8, &encoding, NULL) == 0)
        talloc_free(unicode_fold(mem, utf8)); /* the tables of base/unicode.h are in memory now */
}

static GMimeParserOptions *options_new(void)
{
    static const char *const fallback[] = {"utf-8", "windows-1250", "iso-8859-1", NULL};
    GMimeParserOptions *options = g_mime_parser_options_new();
    const char *charsets[ARRAY_LEN(fallback)];
    memcpy(charsets, fallback, sizeof charsets);
    g_mime_parser_options_set_fallback_charsets(options, charsets);
    g_mime_parser_options_set_allow_addresses_without_domain(options, TRUE);
    return options;
}

GMimeMessage *facts_message(const char *bytes, size_t len)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeParserOptions *options = options_new();
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    g_mime_parser_options_free(options);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static int open_message(const char *mail, size_t len, GMimeMessage **message_r, struct err *err)
{
    if (len == 0)
        return err_set(err, ERR_INPUT, "the mail is empty");
    if (len > FACTS_MESSAGE_MAX)
        return err_set(err, ERR_INPUT, "the mail is larger than %d MB", FACTS_MESSAGE_MAX >> 20);
    if (facts_check_header(mail, len, err) < 0)
        return -1;
    *message_r = facts_message(mail, len);
    return *message_r ? 0 : err_set(err, ERR_INPUT, "this is no mail");
}

int facts_parse(const char *mail, size_t len, json_t **facts_r, struct err *err)
{
    GMimeMessage *message;
    if (open_message(mail, len, &message, err) < 0)
        return -1;
    json_t *facts = json_object();
    facts_header(facts, message);
    facts_parts(facts, message);
    g_object_unref(message);
    *facts_r = facts;
    return 0;
}

int facts_part(void *mem, const char *mail, size_t len, const char *path, char **bytes_r, size_t *len_r,
               struct err *err)
{
    GMimeMessage *message;
    if (open_message(mail, len, &message, err) < 0)
        return -1;
    bool found = facts_find_part(mem, message, path, bytes_r, len_r);
    g_object_unref(message);
    return found ? 0 : err_set(err, ERR_NOTFOUND, "the mail has no part %.40s", path);
}
