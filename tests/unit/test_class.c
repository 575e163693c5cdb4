/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which headers letters of each class have.
 */
#include "mail/class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "mail/unsubscribe.h"

static void *mem;
static struct keyring *ring;
static struct conf_smtp account = {.name = "office",
                                   .from_address = "kabinet@klokot.example",
                                   .bounce_address = "office@klokot.example",
                                   .verp = CONF_VERP_PLUS};
static struct conf conf;
static const char sender[] = "office+b.7.abcd.efgh@klokot.example";

static int begin(void **state)
{
    static char path[] = "/tmp/test_class.XXXXXX";
    struct err err;
    (void)state;
    mem_init();
    mem = talloc_new(NULL);
    must(mkdtemp(path));
    const char *file = talloc_asprintf(mem, "%s/keys", path);
    must(keyring_create(file, &err) == 0 && keyring_open(mem, file, &ring, &err) == 0);
    unlink(file);
    rmdir(path);
    conf.smtp = &account;
    conf.office.domain = "klokot.example";
    conf.office.unsubscribe_url = "https://klokot.example/u";
    mime_init();
    return 0;
}

static int end(void **state)
{
    (void)state;
    talloc_free(mem);
    return 0;
}

/* A letter's header, unfolded. */
static const char *header_of(const char *kind, const char *list_name, bool receipt)
{
    const struct class_mailing m = {
        .class = class_find(kind), .list_id = 2, .list = "news", .list_name = list_name, .receipt = receipt};
    struct class_letter l = {.conf = &conf,
                                   .account = &account,
                                   .ring = ring,
                                   .mailing = &m,
                                   .contact_id = 41,
                                   .language = "sr-Latn",
                                   .envelope_from = sender};
    struct mime_letter mime = {.from = {"Kabinet", account.from_address},
                               .to = &(struct mime_mailbox){NULL, "a@b.example"},
                               .nto = 1,
                               .message_id = "x@klokot.example",
                               .text = "Dear"};
    struct err err;
    char *raw;
    size_t len;
    assert_non_null(m.class);
    class_headers(mem, &l, &mime);
    if (mime_build(mem, &mime, &raw, &len, &err) < 0)
        fail_msg("%s: %s", kind, err.text);
    *strstr(raw, "\r\n\r\n") = 0;
    for (char *fold; (fold = strstr(raw, "\r\n "));)
        memmove(fold, fold + 2, strlen(fold + 2) + 1);
    return raw;
}

static bool has(const char *header, const char *name)
{
    return strstr(header, talloc_asprintf(mem, "\r\n%s: ", name)) != NULL;
}

static void test_classes(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        bool listed, no_post, receipt, automatic;
    } table[] = {
        {"invitation", true, false, true, false},    {"newsletter", true, true, true, false},
        {"press-release", true, false, true, false}, {"survey", true, false, true, false},
        {"greeting", true, false, true, false},      {"notice", false, false, false, false},
        {"letter", false, false, false, false},      {"test", false, false, false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *plain = header_of(table[i].kind, "News", false),
                   *asked = header_of(table[i].kind, "News", true);
        static const char *const listed[] = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
                                             "List-Help"};
        for (size_t k = 0; k < ARRAY_LEN(listed); k++)
            if (has(plain, listed[k]) != table[i].listed)
                fail_msg("%s: %s", table[i].kind, plain);
        assert_int_equal(has(plain, "List-Post"), table[i].no_post);
        assert_int_equal(has(plain, "Auto-Submitted"), table[i].automatic);
        assert_false(has(plain, "Disposition-Notification-To"));
        assert_int_equal(has(asked, "Disposition-Notification-To"), table[i].receipt);
        assert_false(has(plain, "Precedence"));
    }
    assert_null(class_find("spam"));
    assert_string_equal(class_mailing_kinds(mem),
                        "invitation, newsletter, press-release, notice, survey or greeting");
}

/* RFC 8058 3.1: one HTTPS URI, which says who and which list; RFC 2919 3: an id that stays. */
static void test_what_they_say(void **state)
{
    (void)state;
    const char *token = token_unsubscribe(mem, ring, 41, 2), *h = header_of("newsletter", "News", true);
    assert_non_null(
        strstr(h, talloc_asprintf(mem,
                                  "\r\nList-Unsubscribe: <https://klokot.example/u/%s>, "
                                  "<mailto:office+%s@klokot.example?subject=unsubscribe%%20%s>\r\n",
                                  token, token, token)));
    assert_non_null(strstr(h, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    assert_non_null(strstr(h, "\r\nList-Id: News <news.klokot.example>\r\n"));
    assert_non_null(strstr(h, "\r\nList-Post: NO\r\n"));
    assert_non_null(strstr(h, "\r\nList-Help: <mailto:kabinet@klokot.example>\r\n"));
    assert_non_null(strstr(h, talloc_asprintf(mem, "\r\nDisposition-Notification-To: Kabinet <%s>", sender)));
    assert_non_null(strstr(header_of("survey", "St. Peter's Day, 2026", false),
                           "\r\nList-Id: \"St. Peter's Day, 2026\" <news.klokot.example>\r\n"));
    assert_non_null(strstr(header_of("survey", "sr-Latn: Vesti | News", false), "\r\nList-Id: Vesti <"));
    assert_non_null(strstr(header_of("survey", "Вести", false), "\r\nList-Id: =?UTF-8?"));
}

/* Without a page of ours there is no one click, and never two addresses for it. */
static void test_by_mail_alone(void **state)
{
    (void)state;
    conf.office.unsubscribe_url = NULL;
    account.verp = CONF_VERP_NONE;
    const char *h = header_of("newsletter", "News", false);
    assert_non_null(
        strstr(h, "\r\nList-Unsubscribe: <mailto:office@klokot.example?subject=unsubscribe%20u41.2."));
    assert_false(has(h, "List-Unsubscribe-Post"));
    assert_null(strstr(h, "https:"));
    conf.office.unsubscribe_url = "https://klokot.example/u?t=";
    account.verp = CONF_VERP_PLUS;
    assert_non_null(strstr(header_of("newsletter", "News", false), "<https://klokot.example/u?t=u41.2."));
    conf.office.unsubscribe_url = "https://klokot.example/u";
}

static void test_the_link(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        bool link;
    } table[] = {{"newsletter", true}, {"press-release", true}, {"survey", true},
                 {"greeting", true},   {"invitation", false},   {"notice", false}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct class_mailing m = {
            .class = class_find(table[i].kind), .list_id = 2, .list = "news", .list_name = ""};
        struct class_letter l = {.conf = &conf,
                                 .account = &account,
                                 .ring = ring,
                                 .mailing = &m,
                                 .contact_id = 41,
                                 .language = "en"};
        struct unsubscribe_request r;
        json_t *view = json_object();
        class_view(mem, &l, view);
        const char *url = json_string_value(json_object_get(view, "unsubscribe_url"));
        assert_int_equal(url != NULL, table[i].link);
        if (url) {
            assert_true(unsubscribe_find(mem, ring, url, &r));
            assert_int_equal(r.contact_id, 41);
            l.ring = NULL; /* a sample unsubscribes nobody */
            l.token = NULL;
            class_view(mem, &l, view);
            url = json_string_value(json_object_get(view, "unsubscribe_url"));
            assert_non_null(url);
            assert_false(unsubscribe_find(mem, ring, url, &r));
        }
        json_decref(view);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_what_they_say),
        cmocka_unit_test(test_by_mail_alone),
        cmocka_unit_test(test_the_link),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
