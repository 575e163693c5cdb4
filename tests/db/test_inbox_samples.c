/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The answers of the sample, from real mail programs, each judged and matched as their key says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/lib/answerkey.h"
#include "tests/lib/office.h"

OFFICE_OF_GROUP("samples", "")
static struct office_letter letters[64];
static size_t nletters;
static int64_t event;

static json_t *load_key(const char *scenario)
{
    json_error_t why;
    json_t *value = json_load_file(talloc_asprintf(o, "tests/data/replies/%s.json", scenario), 0, &why);
    if (!value)
        fail_msg("%s: %s", scenario, why.text);
    return value;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static const struct office_letter *letter_to(const char *email)
{
    for (size_t i = 0; i < nletters; i++)
        if (!strcasecmp(letters[i].email, email))
            return &letters[i];
    return NULL;
}

/* What stands for the id of a letter, and for the UID of the event, is put in. */
static char *filled(const char *mail)
{
    static const char id[] = "@@MESSAGE_ID:", uid[] = "@@EVENT_UID@@";
    struct text t = text_new(o);
    for (const char *p = mail, *next; *p; p = next) {
        next = strstr(p, "@@");
        if (!next) {
            text_puts(&t, p);
            break;
        }
        text_add(&t, p, (size_t)(next - p));
        if (!strncmp(next, uid, strlen(uid))) {
            text_puts(&t, office_ask(o, "select uid from event where id = %lld", (long long)event));
            next += strlen(uid);
            continue;
        }
        must(!strncmp(next, id, strlen(id)));
        const char *end_of_id = strstr(next + 2, "@@");
        next += strlen(id);
        const struct office_letter *l = letter_to(talloc_strndup(o, next, (size_t)(end_of_id - next)));
        must(l);
        text_puts(&t, l->message_id);
        next = end_of_id + 2;
    }
    return t.s;
}

static int64_t receive(const char *scenario, const char *file)
{
    struct err err;
    char *mail;
    size_t len;
    if (mem_read_file(o, talloc_asprintf(o, "demo/data/%s/%s", scenario, file), 1 << 20, &mail, &len, &err) <
        0)
        fail_msg("%s", err.text);
    char *whole = filled(mail);
    return office_receive(o, whole, strlen(whole));
}

/* ---- the key's words in ours */

static const char *answer_of(const json_t *want)
{
    static const char *const table[][2] = {
        {"accept", "accepted"}, {"decline", "declined"}, {"delegate", "delegated"}, {"question", "question"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(table[i][0], text_of(want, "intent")))
            return table[i][1];
    return "";
}

static void check_bounce(const struct answerkey *key, const json_t *want, const struct office_letter *l)
{
    const char *address = office_ask(o, "select state from address where id = %lld", (long long)l->address);
    if (!strcmp(key->class, "bounce")) {
        assert_string_equal(office_ask(o, "select state || ' ' || enhanced from outbox where id = %lld",
                                       (long long)l->outbox),
                            talloc_asprintf(o, "bounced %s", text_of(want, "enhanced_status")));
        /* a domain that is not found: not before a second letter, a day later */
        bool again = !strcmp(text_of(want, "enhanced_status"), "5.4.4");
        assert_string_equal(address, key->hard == YES && !again ? "dead" : "soft");
    } else {
        assert_string_equal(office_ask(o, "select state from outbox where id = %lld", (long long)l->outbox),
                            "accepted");
    }
}

static void check(const char *scenario, const json_t *want)
{
    int64_t id = receive(scenario, text_of(want, "file"));
    const struct office_letter *l = letter_to(text_of(want, "recipient"));
    const char *got = office_ask(o, "select class from message where id = %lld", (long long)id);
    bool threaded = l && strcmp(text_of(want, "threading"), "none") != 0;
    const struct answerkey *key = answerkey_find(text_of(want, "class"), got);
    if (!key || (l != NULL) != (key->known == YES))
        fail_msg("%s: class %s", text_of(want, "file"), got);
    got = office_ask(o, "select outbox_id from message where id = %lld", (long long)id);
    if (strtoll(got, NULL, 10) != (threaded ? l->outbox : 0))
        fail_msg("%s: outbox %s", text_of(want, "file"), got);
    got = office_ask(o, "select contact_id from message where id = %lld", (long long)id);
    if (strtoll(got, NULL, 10) != (l ? l->contact : 0))
        fail_msg("%s: contact %s", text_of(want, "file"), got);
    got = office_ask(o, "select answer from answer where message_id = %lld and state = 'proposed'",
                     (long long)id);
    if (strcmp(got, threaded ? answer_of(want) : ""))
        fail_msg("%s: answer %s", text_of(want, "file"), got);
    if (threaded && !strncmp(text_of(want, "class"), "bounce", 6))
        check_bounce(key, want, l);
    if (!threaded)
        assert_string_equal(office_ask(o, "select state from message where id = %lld", (long long)id),
                            "decide");
}

static void check_scenario(const char *scenario)
{
    json_t *key = load_key(scenario);
    event = office_add_mailing(o);
    nletters = 0;
    for (size_t i = 0; i < json_array_size(key); i++) {
        const char *email = text_of(json_array_get(key, i), "recipient");
        if (*email && !letter_to(email))
            letters[nletters++] = office_write(o, event, talloc_strdup(o, email), "accepted");
    }
    for (size_t i = 0; i < json_array_size(key); i++)
        check(scenario, json_array_get(key, i));
    /* a few wrong addresses of eighteen pause nothing */
    assert_string_equal(office_ask(o, "select state from mailing where id = %lld", (long long)event),
                        "finished");
    json_decref(key);
}

static void donors_conference(void **state)
{
    (void)state;
    check_scenario("donors-conference");
}

static void st_peters_day(void **state)
{
    (void)state;
    check_scenario("st-peters-day");
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(donors_conference),
        cmocka_unit_test(st_peters_day),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
