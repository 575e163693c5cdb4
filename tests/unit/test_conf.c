/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/secret.h"

static char path[64];

static int load(void *mem, const char *text, struct conf **conf_r, struct err *err)
{
    snprintf(path, sizeof path, "/tmp/test_conf.%d", (int)getpid());
    struct err ignored;
    assert_int_equal(mem_write_file(path, text, strlen(text), &ignored), 0);
    int rc = conf_load(mem, path, conf_r, err);
    unlink(path);
    return rc;
}

static void test_defaults_and_values(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct conf *conf;
    struct err err;
    assert_int_equal(
        load(mem,
             "# a comment\n[office]\nname = Komuna e Kllokotit \n[smtp a]\nfrom_address=a@x.test\n"
             "connections = 7\n[smtp b]\nfrom_address = b@x.test\ntls = implicit\npassword_file = secret\n"
             "user=u\n",
             &conf, &err),
        0);
    assert_string_equal(conf->office.name, "Komuna e Kllokotit");
    assert_string_equal(conf->office.time_zone, "Europe/Belgrade");
    assert_int_equal(conf_find_smtp(conf, NULL)->connections, 7);
    const struct conf_smtp *b = conf_find_smtp(conf, "b");
    assert_int_equal(b->connections, 4);
    assert_int_equal(b->tls, CONF_TLS_IMPLICIT);
    assert_string_equal(b->password_file, "/tmp/secret"); /* beside the configuration */
    assert_string_equal(b->bounce_address, "b@x.test");
    assert_null(conf_find_smtp(conf, "c"));
    assert_string_equal(conf->keys.dkim_folder, "/tmp/dkim");
    assert_null(conf->dkim);
    assert_null(conf->dns.server);
    assert_int_equal(conf->office.days_between, 7);
    assert_int_equal(conf->office.per_month, 4);
}

static void test_dkim(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct conf *conf;
    struct err err;
    assert_int_equal(load(mem, "[keys]\ndkim_folder = /k\n[dkim a.test]\nsign = x, y\nidle=\n[dkim b.test]\n",
                          &conf, &err),
                     0);
    assert_string_equal(conf->keys.dkim_folder, "/k");
    assert_string_equal(conf_find_dkim(conf, "A.test")->sign, "x, y");
    assert_null(conf_find_dkim(conf, "b.test")->sign);
    assert_null(conf_find_dkim(conf, "test"));
}

static void test_domains(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct conf *conf;
    struct err err;
    if (load(mem,
             "[office]\ndomain = општина.срб\n[smtp a]\nfrom_address = kabinet@општина.срб\n"
             "bounce_address = bounce@bücher.example\n",
             &conf, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(conf->office.domain, "xn--80appcfs5b.xn--90a3ac");
    assert_string_equal(conf->smtp->from_address, "kabinet@xn--80appcfs5b.xn--90a3ac");
    assert_string_equal(conf->smtp->bounce_address, "bounce@xn--bcher-kva.example");
}

static void test_errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } table[] = {
        {"[office]\ntime_zone = Europe/Kllokot\n",
         ":2: time_zone is a time zone, Europe/Belgrade, Europe/Warsaw ..., not \"Europe/Kllokot\""},
        {"[office]\ntime_zone = Europe\n", ":2: time_zone is a time zone"},
        {"[office]\ntime_zone = ../zoneinfo/UTC\n", ":2: time_zone is a time zone"},
        {"[office]\nnmae = x\n", ":2: unknown key \"nmae\" in [office]"},
        {"[ofice]\n", ":1: there is no section [ofice]"},
        {"name = x\n", ":1: name stands before the first [section]"},
        {"[office]\nname = x\nname = y\n", ":3: name is given twice"},
        {"[smtp]\n", ":1: [smtp] wants a name"},
        {"[office x]\n", ":1: [office] has no name"},
        {"[smtp a]\nfrom_address = a@b\n[smtp a]\n", ":3: [smtp a] stands twice"},
        {"[smtp a]\nconnections = 65\n", ":2: connections is a number from 1 to 64, not \"65\""},
        {"[smtp a]\nconnections = many\n", ":2: connections is a number"},
        {"[smtp a]\ntls = yes\n", ":2: tls is starttls, implicit or none"},
        {"[smtp a]\nhost = x\n", "[smtp a] wants from_address"},
        {"[smtp a]\nfrom_address = a@b\nuser = u\n", "[smtp a] has a user, so it wants password_file"},
        {"[smtp a]\nverp = yes\n", ":2: verp is plus, catchall or none"},
        {"[smtp a]\nfrom_address = a@b\nverp = catchall\n",
         "verp = catchall and bounce_address = *@DOMAIN go together"},
        {"[smtp a]\nfrom_address = a@b\nbounce_address = *@b\nverp = plus\n", "go together"},
        {"[smtp a]\nfrom_address = a@b\nbounce_address = b\n", ":3: bounce_address is an address"},
        {"[smtp a]\nfrom_address = a2345678901234567890123@b\n", "a token has no room there"},
        {"[office]\nunsubscribe_url = http://b/u\n", "unsubscribe_url is an https:// address"},
        {"[office]\nunsubscribe_url = https://b/u>,<x\n", "unsubscribe_url is an https:// address"},
        {"[smtp a]\nfrom_address = office\n", ":2: from_address is an address, a@b.example, not \"office\""},
        {"[smtp a]\nfrom_address = A <a@b.test>\n", ":2: from_address is an address"},
        {"[smtp a]\nfrom_address = a@b@c.test\n", ":2: from_address is an address"},
        {"[smtp a]\nfrom_address = \"a,b\"@c.test\n", ":2: from_address is an address"},
        {"[smtp a]\nhelo = a b\n", ":2: helo: a sign that no domain has"},
        {"[smtp a]\nfrom_address = a@b;c.test\n", ":2: from_address is an address"},
        {"[smtp a]\nbounce_address = @b.test\n", ":2: bounce_address is an address"},
        {"[office]\ndomain = \n", ":2: domain"},
        {"[office]\ncountry_language = shqip\n", ":2: country_language is a language, sq,"},
        {"[office]\ndays_between = 366\n", ":2: days_between is a number from 0 to 365"},
        {"[dns other]\nserver = 192.0.2.53:53\n", ":1: [dns] has no name"},
        {"[dkim]\nsign = a\n", ":1: [dkim] wants a name"},
        {"[dkim a.test]\n[dkim A.test]\n", ":2: [dkim A.test] stands twice"},
        {"[office\n", ":1: a section ends with ]"},
        {"[office]\njust words\n", ":2: neither [section] nor key = value"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct conf *conf;
        struct err err;
        assert_int_equal(load(mem, table[i].text, &conf, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.text, table[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, table[i].says);
    }
}

static void test_languages(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *value = "sq: Radivoje Simijonoviq | sr-Cyrl: Радивоје Симијоновић | Radivoje Simijonović";
    assert_string_equal(conf_in_language(mem, value, "sq"), "Radivoje Simijonoviq");
    assert_string_equal(conf_in_language(mem, value, "sr-Cyrl"), "Радивоје Симијоновић");
    assert_string_equal(conf_in_language(mem, value, "pl"), "Radivoje Simijonović");
    assert_string_equal(conf_in_language(mem, "Office: the name", "en"), "Office: the name");
    assert_null(conf_in_language(mem, NULL, "en"));
}

static void test_secret(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    char *secret;
    snprintf(path, sizeof path, "/tmp/test_secret.%d", (int)getpid());
    assert_int_equal(mem_write_file(path, "hush\r\n", 6, &err), 0);
    assert_int_equal(secret_read(mem, path, &secret, &err), -1);
    assert_non_null(strstr(err.text, "others can read"));
    assert_null(strstr(err.text, "hush"));
    chmod(path, 0600);
    assert_int_equal(secret_read(mem, path, &secret, &err), 0);
    assert_string_equal(secret, "hush");
    unlink(path);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_and_values),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_errors_name_the_line),
        cmocka_unit_test(test_dkim),
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
