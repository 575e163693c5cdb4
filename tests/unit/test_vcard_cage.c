/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files of vCards through the cage: the same as without it, whatever their size; and hostile ones, refused or
 * survived within two seconds and 100 MB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vcard_cage.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

struct seen {
    long cards, refused, outside, number, line;
    const char *why; /* of the first refused */
    void *mem;
};

static int see(void *context, const struct vcard *card, struct err *err)
{
    (void)err;
    struct seen *s = context;
    if (card->refused && !s->why)
        s->why = talloc_strdup(s->mem, card->refused);
    s->cards += card->number > 0;
    s->outside += !card->number;
    s->refused += card->refused != NULL;
    s->number = card->number;
    s->line = card->line;
    return 0;
}

static int run(void *mem, const struct text *file, struct seen *seen, struct err *err)
{
    struct cage *cage;
    *seen = (struct seen){.mem = mem};
    if (cage_open(mem, &cage, err) < 0)
        fail_msg("%s", err->text);
    int rc = vcard_caged_each(cage, file->s, file->len, NULL, see, seen, err);
    cage_close(cage);
    return rc;
}

static void repeat(struct text *t, const char *s, size_t n)
{
    MEM_SCOPE(mem);
    enum { BLOCK = 4096 };
    struct text block = text_new(mem);
    for (size_t i = 0; i < BLOCK; i++)
        text_puts(&block, s);
    for (; n >= BLOCK; n -= BLOCK)
        text_add(t, block.s, block.len);
    text_add(t, block.s, n * strlen(s));
}

/* Several pieces (of 4 MB): numbers and lines go on. */
enum { CARDS = 70000 };
static void test_pieces(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text file = text_new(mem);
    struct seen seen;
    struct err err;
    repeat(&file, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A person\r\nNOTE:some words\r\nEND:VCARD\r\n\r\n", CARDS);
    text_puts(&file, "BEGIN:VCARD\nEND:VCARD\n");
    assert_int_equal(run(mem, &file, &seen, &err), 0);
    assert_int_equal(seen.cards, CARDS + 1);
    assert_int_equal(seen.refused, 1);
    assert_int_equal(seen.number, CARDS + 1);
    assert_int_equal(seen.line, CARDS * 6 + 1);
    file.s[file.len - 2] = 'X'; /* the last card loses its end */
    assert_int_equal(run(mem, &file, &seen, &err), 0);
    assert_string_equal(seen.why, "it has no END:VCARD");
}

static void test_looks_like(void **state)
{
    (void)state;
    assert_true(vcard_looks_like("BEGIN:VCARD\n", 12));
    assert_true(vcard_looks_like("\xef\xbb\xbf\r\nbegin:vcard", 16));
    assert_true(vcard_looks_like("\xff\xfe"
                                 "B\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0",
                                 24));
    assert_false(vcard_looks_like("BEGIN:VCALENDAR\n", 16));
    assert_false(vcard_looks_like("BEGIN:VCAR", 10));
    assert_false(vcard_looks_like("", 0));
    assert_false(vcard_looks_like("PK\3\4", 4));
}

/* ---- hostile files */

/* the sanitizers take their time: there some of them, and smaller */
enum { MB = SANITIZED ? 1 << 18 : 1 << 20, STEP = SANITIZED ? 4 : 1 };
#define CARD "BEGIN:VCARD\nVERSION:4.0\nFN:A\n"
static const struct {
    const char *name, *begin, *again, *end;
    size_t times;
    const char *why; /* of the refused card, or of the refused file; NULL: it is read */
} hostile[] = {
    {"a line without an end", CARD "NOTE:", "x", "", 60 * MB, "it is larger than 8 MB"},
    {"a folded line", CARD "NOTE:", "x\n ", "\nEND:VCARD\n", 20 * MB, "it is larger than 8 MB"},
    {"folds of nothing", CARD "NOTE;A", "\n ", "\nEND:VCARD\n", 30 * MB, "it is larger than 8 MB"},
    {"soft breaks", CARD "NOTE;QUOTED-PRINTABLE:", "=\n", "\nEND:VCARD\n", 30 * MB, "it is larger than 8 MB"},
    {"lines of CR", CARD, "\r", "\rEND:VCARD\r", 60 * MB, NULL},
    {"properties", CARD, "TEL:1\n", "END:VCARD\n", 10 * MB, "it has more than 1000 lines"},
    {"large properties", CARD,
     "NOTE:"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n ",
     "\nEND:VCARD\n", MB / 2, "it is larger than 8 MB"},
    {"parameters", CARD "TEL", ";A=b", ":1\nEND:VCARD\n", 15 * MB, "it is larger than 8 MB"},
    {"a million parameters", CARD "TEL", ";A=b", ":1\nEND:VCARD\n", MB, NULL},
    {"quotes", CARD "TEL", ";A=\"", ":1\nEND:VCARD\n", 15 * MB, "it is larger than 8 MB"},
    {"lines of quotes", CARD,
     "TEL;\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\n", "END:VCARD\n", MB,
     "it has more than 1000 lines"},
    {"components", CARD "N:", ";", "\nEND:VCARD\n", 60 * MB, "it is larger than 8 MB"},
    {"lists", CARD "CATEGORIES:", "a,", "\nEND:VCARD\n", 30 * MB, "it is larger than 8 MB"},
    {"cards inside", CARD "AGENT:\n", "BEGIN:VCARD\n", "END:VCARD\n", 5 * MB, "it has no END:VCARD"},
    {"agents inside", CARD, "AGENT:\nBEGIN:VCARD\n", "END:VCARD\n", 3 * MB, "it has no END:VCARD"},
    {"bytes of no charset", CARD "NOTE:", "\x81\xfe", "\nEND:VCARD\n", 30 * MB, "it is larger than 8 MB"},
    {"pictures", CARD "PHOTO;ENCODING=b:", "AAAA\n ", "\nEND:VCARD\n", 10 * MB, "it is larger than 8 MB"},
    {"nothing", "", "", "", 0, "there is no vCard in it (no line BEGIN:VCARD)"},
    {"text without cards", "", "x\n", "", 30 * MB, "line 1: more than 1000 lines outside of any card"},
    {"more bytes than may be", CARD, "x", "", 65 << 20, "the file is larger than 64 MB"},
};

/* Of the processor: the machine may have other things to do. */
static double seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* In a process of its own, so that its memory and its cage's can be told. */
static void try_hostile(size_t i)
{
    MEM_SCOPE(mem);
    struct text file = text_new(mem);
    struct seen seen;
    struct err err = {0};
    text_puts(&file, hostile[i].begin);
    repeat(&file, hostile[i].again, hostile[i].times);
    text_puts(&file, hostile[i].end);
    int rc = run(mem, &file, &seen, &err);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    double took = seconds(&usage);
    const char *why = rc < 0 ? err.text : seen.why;
    bool ok = hostile[i].why ? why && !strcmp(why, hostile[i].why) : rc == 0;
    bool quick = SANITIZED || (took < 2 && usage.ru_maxrss < 100 * 1024);
    if (!ok || !quick)
        fprintf(stderr, "# %s: %.1f s, %ld MB: %s\n", hostile[i].name, took, usage.ru_maxrss / 1024,
                why ? why : "-");
    _exit(ok && quick ? 0 : 1);
}

static void test_hostile(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i += STEP) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            try_hostile(i);
        waitpid(pid, &status, 0);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
}

int main(int argc, char **argv)
{
    static const struct cage_parser *const parsers[] = {&vcard_parser, NULL};
    mem_init();
    if (argc > 1 && !strcmp(argv[1], "cage"))
        return cage_main(parsers);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_looks_like),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
