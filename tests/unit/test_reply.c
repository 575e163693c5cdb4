/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What of an answer is new: tests/data/reply/shapes.txt has what mail programs write around it,
 * tests/data/reply/mails.txt whole answers, each line with what becomes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/unicode.h"
#include "mail/wire/html.h"
#include "mail/wire/reply_text.h"

static char *load(void *mem, const char *path)
{
    struct err err;
    char *text;
    size_t len;
    if (mem_read_file(mem, path, 1 << 20, &text, &len, &err) < 0)
        fail_msg("%s", err.text);
    return text;
}

/* The next line of *p, which moves behind it; NULL at the end. */
static char *next_line(void *mem, const char **p)
{
    if (!**p)
        return NULL;
    size_t len = strcspn(*p, "\n");
    char *line = talloc_strndup(mem, *p, len);
    *p += len + ((*p)[len] == '\n');
    return line;
}

/* All that is wrong is said before the test ends. */
static int wrong;

static void check(const char *name, const char *mail, const char *marks, const char *writer, const char *text,
                  const char *with)
{
    MEM_SCOPE(mem);
    struct reply reply = reply_read(mem, mail, marks, writer);
    bool right = !strcmp(unicode_squeeze(mem, reply.text), unicode_squeeze(mem, text)) &&
                 !strcmp(unicode_squeeze(mem, reply.text_with_signature), unicode_squeeze(mem, with));
    if (right)
        return;
    wrong++;
    print_error("%s\n--- mail\n%s\n--- text\n%s\n--- with signature\n%s\n", name, mail, reply.text,
                reply.text_with_signature);
}

/* ---- shapes */

static char *replaced(void *mem, const char *pattern, const char *row)
{
    struct text t = text_new(mem);
    for (; *pattern; pattern++)
        if (*pattern == '$')
            text_puts(&t, row);
        else
            text_putc(&t, *pattern);
    return t.s;
}

/* With line breaks as a mail program that fills lines to that width would put them. */
static char *wrapped(void *mem, const char *s, size_t width)
{
    char *copy = talloc_strdup(mem, s), *begin = copy, *blank = NULL;
    for (char *p = copy; *p; p++) {
        if (*p == ' ')
            blank = p;
        if ((size_t)(p - begin) >= width && blank) {
            *blank = '\n';
            begin = blank + 1;
            blank = NULL;
        }
    }
    return copy;
}

/* "From | To" as a quoted header. */
static char *header(void *mem, const char *row, const char *pattern)
{
    static const char *const first[] = {"from",        "von",     "de",   "da",  "nga",    "od",     "salje",
                                        "posiljatelj", "nadawca", "fran", "van", "felado", "absendi"};
    static const char *const date[] = {"sent",    "date",    "gesendet",   "datum",    "envoye",  "inviato",
                                       "data",    "derguar", "derguar me", "poslato",  "poslano", "isprateno",
                                       "wyslano", "skickat", "verzonden",  "elkuldve", "datoj"};
    struct text t = text_new(mem);
    for (const char *p = row; *p; p += strspn(p, " |")) {
        size_t len = strcspn(p, "|");
        char *label = talloc_strndup(mem, p, len && p[len] ? len - 1 : len),
             *folded = unicode_fold(mem, label);
        const char *value = "Ftesë: 12 korrik";
        for (size_t i = 0; i < ARRAY_LEN(first); i++)
            if (!strcmp(folded, first[i]))
                value = "Komuna e Kllokotit <kabinet@klokot.example>";
        for (size_t i = 0; i < ARRAY_LEN(date); i++)
            if (!strcmp(folded, date[i]))
                value = "e martë, 10. 11. 2026 09:30";
        text_printf(&t, "%s %s\n", replaced(mem, pattern, label), value);
        p += len;
    }
    return t.s;
}

struct shape {
    const char *section, *mail, *text, *with;
};

static const struct shape shapes[] = {
    {"introduction", "Vijmë.\n\n$\n\n> x\n> y\n", "Vijmë.", "Vijmë."},
    {"introduction", "Vijmë.\n$\n>x\n>\n>> y\n>\n", "Vijmë.", "Vijmë."},
    {"introduction", "$\n> x\n>\n> y\n\nVijmë.\n\nMe respekt,\nAna\n", "Vijmë.", "Vijmë. Me respekt, Ana"},
    {"introduction", "One.\n\n$\n> x\n\nTwo.\n\n> y\n\nThree.\n-- \nAna\n", "One. Two. Three.",
     "One. Two. Three. Ana"},
    {"header", "Vijmë.\n\n$\nold\n\nmore\n", "Vijmë.", "Vijmë."},
    {"header", "Vijmë.\n\nMe respekt\nAna\n\n________________________________\n$\n\nold\n", "Vijmë.",
     "Vijmë. Me respekt Ana"},
    {"header", "Vijmë.\n\n$\n> old\n\nTë dy.\n", "Vijmë. Të dy.", "Vijmë. Të dy."},
    {"ruler", "Vijmë.\n\n$\n\nold\n\nmore\n", "Vijmë.", "Vijmë."},
    {"ruler", "Vijmë.\n\n$\n> old\n\nTë dy.\n", "Vijmë. Të dy.", "Vijmë. Të dy."},
    {"device", "Vijmë.\n\n$\n", "Vijmë.", "Vijmë. $"},
    {"device", "Vijmë.\n-- \n$\n\n> x\n", "Vijmë.", "Vijmë. $"},
    {"device", "Vijmë.\n\n$\n\nOn 10/11/2026 09:30, A B wrote:\n> x\n\nTë dy.\n", "Vijmë. Të dy.",
     "Vijmë. $ Të dy."},
    {"closing", "Vijmë.\n\n$\nAna Petrović\n", "Vijmë.", "Vijmë. $ Ana Petrović"},
    {"closing", "Vijmë.\n$\n\nAna Petrović\nKryetare\ntel. +383 38 000 154\n\n> x\n", "Vijmë.",
     "Vijmë. $ Ana Petrović Kryetare tel. +383 38 000 154"},
    {"closing", "Vijmë.\n\n$\nAna\n\nP.S. Vijmë me autobus.\n", "Vijmë. $ Ana P.S. Vijmë me autobus.",
     "Vijmë. $ Ana P.S. Vijmë me autobus."},
    {"sentence", "Vijmë.\n\n$\n\n> x\n", "Vijmë. $", "Vijmë. $"},
    {"sentence", "$\n\nVijmë.\n", "$ Vijmë.", "$ Vijmë."},
    {"sentence", "Vijmë.\n$\nAna\n", "Vijmë. $ Ana", "Vijmë. $ Ana"},
};

static void check_row(void *mem, const char *section, const char *name, const char *row)
{
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        if (!strcmp(shapes[i].section, section))
            check(name, replaced(mem, shapes[i].mail, row), NULL, NULL, replaced(mem, shapes[i].text, row),
                  replaced(mem, shapes[i].with, row));
}

/* No quoted line bears it out: then the old text is all that follows. */
static void check_unmarked(void *mem, const char *name, const char *row)
{
    if (strchr(":-", row[strlen(row) - 1]))
        check(name, replaced(mem, "Vijmë.\n\n$\n\nold\nmore\n", row), NULL, NULL, "Vijmë.", "Vijmë.");
}

static void test_shapes(void **state)
{
    (void)state;
    wrong = 0;
    MEM_SCOPE(mem);
    int rows = 0;
    const char *section = "";
    const char *p = load(mem, "tests/data/reply/shapes.txt");
    for (char *line; (line = next_line(mem, &p));) {
        char *colon = strstr(line, ": ");
        if (*line == '[') {
            section = talloc_strndup(mem, line + 1, strlen(line) - 2);
            continue;
        }
        if (*line == '#' || !*line)
            continue;
        assert_non_null(colon);
        *colon = 0;
        char *row = colon + 2;
        rows++;
        if (!strcmp(section, "header")) {
            check_row(mem, section, line, header(mem, row, "$:"));
            check_row(mem, section, line, header(mem, row, "*$:*"));
            check_row(mem, section, line, header(mem, row, "$ :"));
            continue;
        }
        check_row(mem, section, line, row);
        if (strcmp(section, "introduction"))
            continue;
        check_unmarked(mem, line, row);
        check_row(mem, section, line, wrapped(mem, row, 45));
        check_unmarked(mem, line, wrapped(mem, row, 45));
        check_row(mem, section, line, wrapped(mem, row, 72));
    }
    assert_int_equal(wrong, 0);
    assert_in_range(rows, 150, 1000);
}

/* ---- mails */

struct mail {
    const char *name, *writer;
    struct text source, text, with;
    bool html;
};

static void check_mail(void *mem, const struct mail *mail)
{
    struct html_page page = {mail->source.s, NULL};
    if (mail->html)
        page = html_page(mem, mail->source.s);
    check(mail->name, page.text, page.marks, mail->writer, mail->text.s, mail->with.s);
}

static void test_mails(void **state)
{
    (void)state;
    wrong = 0;
    MEM_SCOPE(mem);
    int mails = 0;
    struct mail mail = {0};
    const char *p = load(mem, "tests/data/reply/mails.txt");
    for (char *line; (line = next_line(mem, &p));) {
        if (!strncmp(line, "=== ", 4)) {
            if (mail.name)
                check_mail(mem, &mail);
            char *bar = strstr(line, " | ");
            if (bar)
                *bar = 0;
            mail = (struct mail){.name = line + 4, .writer = bar ? bar + 3 : NULL, .source = text_new(mem)};
            mail.text = text_new(mem);
            mail.with = text_new(mem);
            mails++;
        } else if (mail.name && *line) {
            mail.html = mail.html || *line == '<';
            if (mail.html == (*line == '<'))
                text_printf(&mail.source, "%s\n", line + 1);
            if (*line == '+')
                text_printf(&mail.text, "%s\n", line + 1);
            if (*line == '+' || *line == '~')
                text_printf(&mail.with, "%s\n", line + 1);
        }
    }
    check_mail(mem, &mail);
    assert_int_equal(wrong, 0);
    assert_in_range(mails, 50, 1000);
}

static void test_same_line(void **state)
{
    (void)state;
    wrong = 0;
    check("before", "we come On Tue, Nov 10, 2026 at 9:30 AM, Klokot <k@klokot.example> wrote:\n> Dear all\n",
          NULL, NULL, "we come", "we come");
    check("before, unmarked",
          "da --- Dana 10.11.2026. u 09:30, Klokot <k@klokot.example> je napisao:\n\nDragi\n", NULL, NULL,
          "da", "da");
    check("a sentence before the name",
          "this is why we come all together.  Ana Petrović <ana@b.example>\nwrites:\n\n> Do you come?\n",
          NULL, NULL, "this is why we come all together.", "this is why we come all together.");
    assert_int_equal(wrong, 0);
}

/* ---- the words */

static void test_words(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
#define WORDS(list, ...)   __VA_ARGS__,
#define LABELS(label, ...) __VA_ARGS__,
    static const char *const words[] = {
#include "mail/wire/reply_words.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_string_equal(unicode_fold(mem, words[i]), words[i]);
}

/* ---- whom a quoted header names */

static void test_original(void **state)
{
    (void)state;
    static const struct {
        const char *text, *author;
    } table[] = {
        {"FYI\n\n-------- Forwarded message --------\nFrom: Ana <ana@a.example>\nDate: Tue, 10 Nov 2026 "
         "9:30\n"
         "To: x\nSubject: y\n\nFrom: no\n",
         "Ana <ana@a.example>"},
        {"> Од: Ана <ana@a.example>\n> Послато: 10.11.2026. 09:30\n> За: y\n> Тема: z\n",
         "Ана <ana@a.example>"},
        {"Datum: 10.11.2026 9:30\n*Od:*  Ana <ana@a.example>\nTema: y\n", "Ana <ana@a.example>"},
        {"Od: petka\nDo: nedelje\nTema: sabor\n", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        char *author = reply_original(mem, table[i].text);
        if (table[i].author)
            assert_string_equal(author, table[i].author);
        else
            assert_null(author);
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes), cmocka_unit_test(test_mails),    cmocka_unit_test(test_same_line),
        cmocka_unit_test(test_words),  cmocka_unit_test(test_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
