/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tree of a mail, as it should be sent and as it is sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mail/wire/entity.h"

/* "multipart/mixed(text/plain:body,message/rfc822(text/plain:x))"; line ends as "|" */
static void describe(struct text *out, const struct entity *e)
{
    MEM_SCOPE(mem);
    size_t len;
    text_puts(out, e->type);
    if (e->kind == ENTITY_LEAF) {
        const char *bytes = entity_content(mem, e, &len);
        text_putc(out, ':');
        for (size_t i = 0; i < len; i++)
            if (bytes[i] != '\r')
                text_putc(out, bytes[i] == '\n' ? '|' : bytes[i]);
        return;
    }
    text_putc(out, '(');
    for (size_t i = 0; i < e->nchildren; i++) {
        if (i)
            text_putc(out, ',');
        describe(out, e->child[i]);
    }
    text_putc(out, ')');
}

static void check(const char *mail, const char *tree)
{
    MEM_SCOPE(mem);
    bool omitted;
    struct text t = text_new(mem);
    describe(&t, entity_read(mem, mail, strlen(mail), &omitted));
    assert_string_equal(t.s, tree);
    assert_false(omitted);
}

#define MIXED(parameters) "Content-Type: multipart/mixed" parameters "\n\n"

static const struct {
    const char *mail, *tree;
} trees[] = {
    /* as it should be */
    {"A: b\n\nx\n", "text/plain:x|"},
    {"A: b\r\n\r\nx\r\n", "text/plain:x|"},
    {MIXED(";boundary=b") "pre\n--b\n\nx\n--b\n\ny\n--b--\npost\n",
     "multipart/mixed(text/plain:x,text/plain:y)"},
    {MIXED("; boundary=\"b c\"") "--b c\n\nx\n--b c--\n", "multipart/mixed(text/plain:x)"},
    {MIXED(";\n\tBOUNDARY=\"b\"") "--b  \n\nx\n--b--  \n", "multipart/mixed(text/plain:x)"},
    {MIXED("; (a comment) boundary=b (another)") "--b\n\nx\n--b--\n", "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=b") "--b\n\n\nx\n\n--b--\n", "multipart/mixed(text/plain:|x|)"},
    {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nS: 1\n\nx\n--b\nContent-Type: "
     "text/plain\n\ny\n--b--\n",
     "multipart/digest(message/rfc822(text/plain:x),text/plain:y)"},
    {"Content-Type: message/rfc822\n\nA: b\nContent-Type: text/html\n\nx\n", "message/rfc822(text/html:x|)"},
    {MIXED(";boundary=a") "--a\n" MIXED(";boundary=ab") "--ab\n\nx\n--ab--\n--a\n\ny\n--a--\n",
     "multipart/mixed(multipart/mixed(text/plain:x),text/plain:y)"}, /* one begins like the other */
    {MIXED(";boundary=ab") "--ab\n" MIXED(";boundary=a") "--a\n\nx\n--a--\n--ab\n\ny\n--ab--\n",
     "multipart/mixed(multipart/mixed(text/plain:x),text/plain:y)"},
    {MIXED(";boundary=b") "--bc\n--b\n\n--bx\n--b--\n", "multipart/mixed(text/plain:--bx)"},
    {"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\neHk=\n", "text/plain:xy"},
    {"Content-Transfer-Encoding: quoted-printable\n\nx=\n=79=3D\n", "text/plain:xy=|"},

    /* ends that are missing */
    {MIXED(";boundary=b") "--b\n\nx\n--b\n\ny\n", "multipart/mixed(text/plain:x,text/plain:y|)"},
    {MIXED(";boundary=b") "--b\n\nx", "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=b") "--b\n\nx\n--b\n", "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=b") "--b\n--b\n\nx\n--b--", "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=a") "--a\n" MIXED(";boundary=b") "--b\n\nx\n--a\n\ny\n--a--\n",
     "multipart/mixed(multipart/mixed(text/plain:x),text/plain:y)"}, /* the outer one ends the inner */
    {MIXED(";boundary=a") "--a\nContent-Type: message/rfc822\n\n" MIXED(
         ";boundary=b") "--b\n\nx\n--a\n\ny\n--a--\n",
     "multipart/mixed(message/rfc822(multipart/mixed(text/plain:x)),text/plain:y)"},
    {"A: b\n", "text/plain:"},
    {"A: b", "text/plain:"},

    /* boundaries that are missing, wrong or strange */
    {MIXED("") "hello\n", "multipart/mixed(text/plain:hello|)"},
    {MIXED(";boundary=b") "hello\n", "multipart/mixed(text/plain:hello|)"},
    {MIXED(";boundary=\"\"") "hello\n", "multipart/mixed(text/plain:hello|)"},
    {MIXED(";boundary=\"\\\"") "hello\n", "multipart/mixed(text/plain:hello|)"},
    {MIXED("") "--b\nContent-Type: text/html\n\nx\n--b\n\ny\n--b--\n",
     "multipart/mixed(text/html:x,text/plain:y)"},
    {MIXED(";boundary=wrong") "--b\nContent-Type: text/html\n\nx\n--b--\n", "multipart/mixed(text/html:x)"},
    {MIXED(";boundary==_b=") "--=_b=\n\nx\n--=_b=--\n", "multipart/mixed(text/plain:x)"},
    {MIXED(" boundary=b") "--b\n\nx\n--b--\n", "multipart/mixed(text/plain:x)"}, /* no semicolon */
    {MIXED(";;boundary=b;") "--b\n\nx\n--b--\n", "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=b/:?(c)") "--b/:?(c)\n\nx\n--b/:?(c)--\n", "multipart/mixed(text/plain:x)"},
    {"Content-Type: multipart; boundary=b\n\n--b\n\nx\n--b--\n", "multipart/mixed(text/plain:x)"},
    {"Content-Type: Multipart / Mixed ; boundary = b\n\n--b\n\nx\n--b--\n", "multipart/mixed(text/plain:x)"},

    {MIXED("; boundary=wrong") "--b\nContent-Type: text/html\n\nx\n", "multipart/mixed(text/html:x|)"},
    {MIXED(";boundary=\"\"") "--\n\nx\n----\n", "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=b") "", "multipart/mixed()"},
    {MIXED(";boundary=b") "--b\n" MIXED(";boundary=b") "\n--b\n\nx\n--b\n\ny\n--b--\n\n--b\n\nz\n--b--\n",
     "multipart/mixed(multipart/mixed(text/plain:x,text/plain:y),text/plain:z)"}, /* one for both */
    {MIXED(";boundary=b") "--b\n" MIXED(";boundary=b") "--b\n" MIXED(";boundary=b") "--b\n\nx\n",
     "multipart/mixed(multipart/mixed(multipart/mixed(text/plain:x|)))"},

    /* headers */
    {"A: b\nthis is no field\nContent-Type: text/html\n\nx\n", "text/html:x|"},
    {"From a@b.example Thu Nov 12 09:15:48 2026\nContent-Type: text/html\n\nx\n", "text/html:x|"},
    {"From a@b.example Thu Nov 12 09:15:48 2026\nX: y\nContent-Type: text/html\n\nx\n", "text/html:x|"},
    {"A: b\nDear all,\n\nwe come.\n", "text/plain:Dear all,||we come.|"}, /* no empty line */
    {MIXED(";boundary=b") "--b\nDear all,\nwe come.\n--b--\n",
     "multipart/mixed(text/plain:Dear all,|we come.)"},
    {"Content-Type : text/html\n\nx\n", "text/html:x|"},
    {"Content-Type:text/html\nContent-Type: text/plain\n\nx\n", "text/html:x|"},
    {"Content-Type: text/html\n \nA: b\n\nx\n", "text/html:x|"}, /* a line of blanks is folded */
    {"A: b\n \nHello\n", "text/plain:Hello|"},                   /* but for the last */
    {MIXED(";boundary=b") " \n--b\n\nx\n--b--\n", "multipart/mixed(text/plain:x)"},
    {"Content-Type: multipart/mixed; boundary=b\n \n--b\nContent-Type: text/html\n\nx\n--b--\n",
     "multipart/mixed(text/html:x)"},
    {"Content-Type\n : text/html\n\nx\n", "text/html:x|"},
    {"A: b\r\r\nContent-Type: text/html\r\r\n\r\r\nx\r\r\n", "text/html:x|"},
    {"A: b\rContent-Type: text/html\r\rx\r", "text/html:x|"},
    {"", "text/plain:"},
    {"\n\n", "text/plain:|"},

    /* types */
    {"Content-Type: text\n\nx", "text/plain:x"},
    {"Content-Type: /\n\nx", "text/plain:x"},
    {"Content-Type:\n\nx", "text/plain:x"},
    {"Content-Type: pdf; name=a.pdf\n\nx", "text/plain:x"},
    {"Content-Type: \"text/html\"\n\nx", "text/html:x"},
    {"Content-Type: text/html charset=utf-8\n\nx", "text/html:x"},
    {"Content-Type: charset=utf-8\n\nx", "text/plain:x"},

    /* encodings */
    {"Content-Transfer-Encoding: Quoted Printable\n\n=41\n", "text/plain:A|"},
    {"Content-Transfer-Encoding: \"base64\";\n\nQQ==\n", "text/plain:A"},
    {"Content-Transfer-Encoding: x-unknown\n\n=41\n", "text/plain:=41|"},
    {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYgoKeAo=\n",
     "message/rfc822(text/plain:x|)"},
    {MIXED(";boundary=b\nContent-Transfer-Encoding: base64") "LS1iCgp4Ci0tYi0tCg==\n",
     "multipart/mixed(text/plain:x)"},
    {MIXED(";boundary=b\nContent-Transfer-Encoding: base64") "--b\n\nx\n--b--\n",
     "multipart/mixed(text/plain:x)"},
};

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(trees); i++)
        check(trees[i].mail, trees[i].tree);
}

static const struct {
    const char *header, *name;
} names[] = {
    {"Content-Disposition: attachment; filename=a.pdf", "a.pdf"},
    {"Content-Disposition: attachment; filename=\"a b.pdf\"", "a b.pdf"},
    {"Content-Disposition: attachment; filename=a b.pdf", "a b.pdf"},
    {"Content-Disposition: attachment; filename=a (1).pdf; size=3", "a (1).pdf"},
    {"Content-Disposition: attachment; filename=\"a \"b\" c.pdf\"", "a \"b\" c.pdf"},
    {"Content-Disposition: attachment; filename=\"a\\\"b.pdf\"", "a\"b.pdf"},
    {"Content-Disposition: attachment; filename=\"C:\\temp\\a.pdf\"", "C:\\temp\\a.pdf"},
    {"Content-Disposition: attachment; filename=\"a.pdf", "a.pdf"},
    {"Content-Disposition: filename=a.pdf", "a.pdf"},
    {"Content-Disposition: attachment;\n filename=\"a\n b.pdf\"", "a b.pdf"},
    {"Content-Type: application/pdf; name=a.pdf", "a.pdf"},
    {"Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=b.pdf", "b.pdf"},
    {"Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=\"\"", "a.pdf"},
    /* RFC 2231 */
    {"Content-Disposition: attachment; filename*=utf-8''%C4%8D%20a.pdf", "č a.pdf"},
    {"Content-Disposition: attachment; filename*=windows-1250''%E8.pdf", "č.pdf"},
    {"Content-Disposition: attachment; filename*=UTF-8'sr'%C4%8D.pdf", "č.pdf"},
    {"Content-Disposition: attachment; filename*=%C4%8D.pdf", "č.pdf"},
    {"Content-Disposition: attachment; filename*=\"utf-8''%C4%8D.pdf\"", "č.pdf"},
    {"Content-Disposition: attachment; filename*0=a; filename*1=\"b c\"; filename*2=.pdf", "ab c.pdf"},
    {"Content-Disposition: attachment; filename*1*=%8D.pdf; filename*0*=utf-8''%C4", "č.pdf"},
    {"Content-Disposition: attachment; filename*0*=utf-8''%C4%8D; filename*1=\"%41.pdf\"", "č%41.pdf"},
    {"Content-Disposition: attachment; filename*1=a; filename*2=.pdf", "a.pdf"},
    {"Content-Disposition: attachment; filename*0=a; filename*2=.pdf", "a"},
    {"Content-Disposition: attachment; filename=old.pdf; filename*=utf-8''%C4%8D.pdf", "č.pdf"},
    {"Content-Disposition: attachment; filename*0*=utf-8''%C4%8D; filename=old.pdf; filename*1*=.pdf",
     "č.pdf"},
    {"Content-Type: application/pdf; name*=iso-8859-5''%BA.pdf", "К.pdf"},
    /* encoded words where none may stand */
    {"Content-Disposition: attachment; filename=\"=?utf-8?B?xI0ucGRm?=\"", "č.pdf"},
    {"Content-Disposition: attachment; filename==?utf-8?Q?=C4=8D.pdf?=", "č.pdf"},
    {"Content-Disposition: attachment; filename=\"=?utf-8?Q?=C4?=\n =?utf-8?Q?=8D.pdf?=\"", "č.pdf"},
    {"Content-Disposition: attachment; filename*0=\"=?utf-8?Q?=C4=8D\"; filename*1=\"=C5=BE?=.pdf\"",
     "čž.pdf"},
    /* raw 8-bit text */
    {"Content-Disposition: attachment; filename=\"\xc4\x8d.pdf\"", "č.pdf"},
    {"Content-Disposition: attachment; filename=\"Poziv za \xe8lanove i \x9atampu.pdf\"",
     "Poziv za članove i štampu.pdf"},
    {"Content-Type: text/plain; charset=windows-1251\nContent-Disposition: attachment; "
     "filename=\"\xea\xeb\xfe\xf7.txt\"",
     "ключ.txt"},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        MEM_SCOPE(mem);
        bool omitted;
        const char *mail = talloc_asprintf(mem, "%s\n\nx\n", names[i].header);
        char *name = entity_filename(mem, entity_read(mem, mail, strlen(mail), &omitted));
        assert_string_equal(name ? name : "(none)", names[i].name);
    }
}

/* Beyond the caps parts are left as they stand, and that is said. */
static void test_caps(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    bool omitted;
    struct text many = text_new(mem), deep = text_new(mem);
    text_puts(&many, MIXED("; boundary=b"));
    for (int i = 0; i < 2 * ENTITY_PARTS_MAX; i++)
        text_puts(&many, "--b\n\nx\n");
    const struct entity *e = entity_read(mem, many.s, many.len, &omitted);
    assert_true(omitted);
    assert_int_equal(e->nchildren, ENTITY_PARTS_MAX - 1);
    for (int i = 0; i < 2 * ENTITY_DEPTH_MAX; i++)
        text_printf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    e = entity_read(mem, deep.s, deep.len, &omitted);
    int depth = 0;
    for (; e->nchildren; e = e->child[0])
        depth++;
    assert_true(omitted);
    assert_int_equal(depth, ENTITY_DEPTH_MAX);
    assert_int_equal(e->body + e->len - deep.s, deep.len); /* nothing of it is lost */
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trees), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_caps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
