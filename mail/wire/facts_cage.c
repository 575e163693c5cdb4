/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Both sides: what the cage runs, and who asks it.  The facts come as base/jsonbytes.h has them, in frames of
 * one kind.
 */
#include "mail/wire/facts_cage.h"

#include "base/catalog.h"
#include "base/jsonbytes.h"
#include "mail/wire/facts.h"

enum { ANSWER = 1, ANSWER_BEGUN = 32 << 10, LARGE_S = 60 /* a busy machine takes its time to read 50 MB */ };

/* ---- inside */

static const char warm_mail[] =
    "From: =?iso-8859-2?Q?a?= <a@b.example>\r\nDate: Thu, 1 Jan 2026 10:00:00 +0100\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/plain; charset=windows-1250\r\n\r\n\xe8\r\n"
    "--x\r\nContent-Type: text/html; charset=windows-1251; name*=windows-1251''%e8\r\n\r\n<p>\xe8\r\n"
    "--x\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a\r\n"
    "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n"
    "--x\r\nContent-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    /* METHOD:REPLY with a DTSTAMP in UTC and a DTSTART with TZID */
    "QkVHSU46VkNBTEVOREFSDQpNRVRIT0Q6UkVQTFkNCkJFR0lOOlZFVkVOVA0KVUlEOnUNCkRUU1RB\r\n"
    "TVA6MjAyNjAxMDFUMTAwMDAwWg0KRFRTVEFSVDtUWklEPUV1cm9wZS9CZWxncmFkZToyMDI2MDEw\r\n"
    "MVQxMDAwMDANCkVORDpWRVZFTlQNCkVORDpWQ0FMRU5EQVINCg==\r\n"
    "--x--\r\n";

static void warm_up(void)
{
    facts_init();
    json_t *facts;
    struct err err;
    if (facts_parse(warm_mail, sizeof warm_mail - 1, &facts, &err) < 0)
        bug("%s", err.text);
    json_decref(facts);
}

static int put_facts(json_t *facts, cage_frame_fn *put, void *context, struct err *err)
{
    MEM_SCOPE(mem);
    struct text answer = text_for(mem, ANSWER_BEGUN);
    jsonbytes_write(&answer, facts);
    json_decref(facts);
    return put(context, ANSWER, answer.s, answer.len, err);
}

static int parse_facts(const char *mail, size_t len, const char *argument, cage_frame_fn *put, void *context,
                       struct err *err)
{
    (void)argument;
    json_t *facts;
    return facts_parse(mail, len, &facts, err) < 0 ? -1 : put_facts(facts, put, context, err);
}

static int parse_facts_file(int fd, size_t len, const char *argument, cage_frame_fn *put, void *context,
                            struct err *err)
{
    (void)argument;
    json_t *facts;
    return facts_parse_file(fd, len, &facts, err) < 0 ? -1 : put_facts(facts, put, context, err);
}

static int parse_part(const char *mail, size_t len, const char *path, cage_frame_fn *put, void *context,
                      struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes;
    size_t n;
    if (facts_part(mem, mail, len, path, &bytes, &n, err) < 0)
        return -1;
    return put(context, ANSWER, bytes, n, err);
}

const struct cage_parser facts_parser = {"facts", warm_up, parse_facts, parse_facts_file};
const struct cage_parser facts_part_parser = {"part", NULL, parse_part, NULL};

/* ---- outside */

static int join(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    (void)kind;
    (void)err;
    text_add(context, bytes, len);
    return 0;
}

static struct cage_call call_of(const char *parser, const char *mail, size_t len)
{
    return (struct cage_call){
        .parser = parser, .noun = N_("mail"), .bytes = mail, .len = len, .max_bytes = FACTS_MESSAGE_MAX};
}

void cage_facts_begin(struct cage *cage, const char *mail, size_t len)
{
    struct cage_call call = call_of(facts_parser.name, mail, len);
    cage_begin(cage, &call);
}

void cage_facts_begin_behind(struct cage *cage, const char *mail, size_t len)
{
    struct cage_call call = call_of(facts_parser.name, mail, len);
    cage_begin_behind(cage, &call);
}

void cage_facts_begin_spool(struct cage *cage, const struct spool *mail)
{
    struct cage_call call = call_of(facts_parser.name, NULL, spool_size(mail));
    call.spool = mail;
    call.max_silence_s = LARGE_S;
    cage_begin(cage, &call);
}

int cage_facts_end(struct cage *cage, json_t **facts_r, struct err *err)
{
    MEM_SCOPE(mem);
    json_t *facts = NULL;
    struct text answer = text_for(mem, ANSWER_BEGUN);
    if (cage_end(cage, join, &answer, err) < 0)
        return -1;
    if (jsonbytes_read(answer.s, answer.len, &facts, NULL) < 0 || !json_is_object(facts)) {
        json_decref(facts);
        return err_set(err, ERR_INPUT, "the parser's answer is broken");
    }
    *facts_r = facts;
    return 0;
}

int cage_facts(struct cage *cage, const char *mail, size_t len, json_t **facts_r, struct err *err)
{
    cage_facts_begin(cage, mail, len);
    return cage_facts_end(cage, facts_r, err);
}

int cage_part(struct cage *cage, void *mem, const char *mail, size_t len, const char *path, char **bytes_r,
              size_t *len_r, struct err *err)
{
    struct cage_call call = call_of(facts_part_parser.name, mail, len);
    call.argument = path;
    struct text bytes = text_new(mem);
    if (cage_run(cage, &call, join, &bytes, err) < 0) {
        talloc_free(bytes.s);
        return -1;
    }
    *bytes_r = bytes.s;
    *len_r = bytes.len;
    return 0;
}
