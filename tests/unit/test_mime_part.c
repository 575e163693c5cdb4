/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Attachments and pictures as parts: the name comes back, whatever letters it has; each stands where it
 * belongs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmime/gmime.h>

#include "mail/wire/mime.h"
#include "mail/wire/mime_part.h"

static const struct mime_part *part(void *mem, const char *name, const char *content_id, const char *bytes)
{
    const struct mime_file file = {name, content_id ? "image/png" : "application/pdf", content_id, bytes,
                                   strlen(bytes)};
    const struct mime_part *made;
    struct err err;
    if (mime_part_make(mem, &file, &made, &err) < 0)
        fail_msg("%s", err.text);
    return made;
}

/* The message as GMime reads it. */
static GMimeMessage *build(void *mem, const struct mime_part *const *parts, size_t n, const char *calendar)
{
    struct mime_letter letter = {
        .from = {"Office", "office@klokot.example"},
        .to = &(struct mime_mailbox){"Guest", "guest@x.example"},
        .nto = 1,
        .subject = "Позив",
        .message_id = "1.abc@klokot.example",
        .date = 1800000000,
        .time_zone = "Europe/Belgrade",
        .language = "sq, sr-Latn",
        .text = "Text\n",
        .html = "<p>Text <img src=\"cid:a@letter\"></p>\n",
        .calendar = calendar,
        .part = parts,
        .nparts = n,
    };
    char *bytes;
    size_t len;
    struct err err;
    if (mime_build(mem, &letter, &bytes, &len, &err) < 0)
        fail_msg("%s", err.text);
    for (const char *p = bytes; *p;) {
        size_t line = strcspn(p, "\r\n");
        assert_memory_equal(p + line, "\r\n", 2);
        assert_true(line <= 78);
        for (size_t i = 0; i < line; i++)
            assert_true(p[i] == '\t' || (p[i] >= ' ' && p[i] < 0x7f));
        p += line + 2;
    }
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    assert_non_null(message);
    return message;
}

/* "mixed(alternative(text/plain,...),...)" */
static void tree(struct text *out, GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    if (!GMIME_IS_MULTIPART(object)) {
        char *name = g_mime_content_type_get_mime_type(type);
        text_puts(out, name);
        g_free(name);
        return;
    }
    text_printf(out, "%s(", g_mime_content_type_get_media_subtype(type));
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++) {
        if (i)
            text_putc(out, ',');
        tree(out, g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
    }
    text_putc(out, ')');
}

static void test_tree(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const struct mime_part *picture = part(mem, "logo.png", "a@letter", "x"),
                           *pdf = part(mem, "programme.pdf", NULL, "y");
    const struct {
        const struct mime_part *part[3];
        size_t n;
        const char *calendar, *tree;
    } table[] = {
        {{0}, 0, NULL, "alternative(text/plain,text/html)"},
        {{picture}, 1, NULL, "alternative(text/plain,related(text/html,image/png))"},
        {{pdf}, 1, NULL, "mixed(alternative(text/plain,text/html),application/pdf)"},
        {{pdf, picture, pdf},
         3,
         NULL,
         "mixed(alternative(text/plain,related(text/html,image/png)),application/pdf,application/pdf)"},
        {{picture, pdf},
         2,
         "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
         "mixed(alternative(text/plain,related(text/html,image/png),text/calendar),application/ics,"
         "application/pdf)"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        GMimeMessage *m = build(mem, table[i].part, table[i].n, table[i].calendar);
        struct text got = text_new(mem);
        tree(&got, g_mime_message_get_mime_part(m));
        assert_string_equal(got.s, table[i].tree);
        assert_string_equal(g_mime_object_get_header(g_mime_message_get_mime_part(m), "Content-Language"),
                            "sq, sr-Latn");
        g_object_unref(m);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ascii;
    } table[] = {
        {"programme.pdf", "programme.pdf"},
        {"Programi i ditës.pdf", "Programi i dites.pdf"},
        {"Ftesë.pdf", "Ftese.pdf"},
        {"Програм Конференције донатора, Клокот 18. март 2027, са прилозима и списком.pdf",
         "Program Konferencije donatora, Klokot 18. mart 2027, sa pril.pdf"},
        {"a \"quoted\" 100% *.pdf", "a _quoted_ 100% *.pdf"},
        {"日本😀.pdf", "___.pdf"},
        {"=?UTF-8?Q?x?=.pdf", NULL},
        {"a very long name in plain letters that goes on and on; and on, until it has one hundred "
         "letters.pdf",
         NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        const struct mime_part *p = part(mem, table[i].name, NULL, "%PDF-1.7 some bytes");
        GMimeMessage *m = build(mem, &p, 1, NULL);
        GMimeObject *object = g_mime_multipart_get_part(GMIME_MULTIPART(g_mime_message_get_mime_part(m)), 1);
        assert_string_equal(g_mime_object_get_content_disposition_parameter(object, "filename"),
                            table[i].name);
        assert_string_equal(g_mime_object_get_content_disposition_parameter(object, "size"), "19");
        if (table[i].ascii)
            assert_string_equal(g_mime_object_get_content_type_parameter(object, "name"), table[i].ascii);
        g_object_unref(m);
    }
}

static void test_bytes(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(255 - i);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        const struct mime_file file = {"a.pdf", "application/pdf", NULL, bytes, n};
        const struct mime_part *p;
        struct err err;
        assert_int_equal(mime_part_make(mem, &file, &p, &err), 0);
        GMimeMessage *m = build(mem, &p, 1, NULL);
        GMimeObject *object = g_mime_multipart_get_part(GMIME_MULTIPART(g_mime_message_get_mime_part(m)), 1);
        GMimeStream *out = g_mime_stream_mem_new();
        g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), out);
        GByteArray *got = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out));
        assert_int_equal(got->len, n);
        assert_memory_equal(got->data ? got->data : (guchar *)"", bytes, n);
        g_object_unref(out);
        g_object_unref(m);
    }
}

static void test_refused(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *longest = talloc_zero_size(mem, 202);
    memset(longest, 'x', 201);
    const struct mime_file table[] = {
        {"", "a/b", NULL, "", 0},
        {"../a.pdf", "a/b", NULL, "", 0},
        {"a\\b.pdf", "a/b", NULL, "", 0},
        {".hidden", "a/b", NULL, "", 0},
        {"a\r\nBcc: x@y.example", "a/b", NULL, "", 0},
        {"a\x7f.pdf", "a/b", NULL, "", 0},
        {"invoice\u202efdp.exe", "a/b", NULL, "", 0},
        {"\xff.pdf", "a/b", NULL, "", 0},
        {longest, "a/b", NULL, "", 0},
        {"a.pdf", "application", NULL, "", 0},
        {"a.pdf", "a/b/c", NULL, "", 0},
        {"a.pdf", "a/b\r\nX: y", NULL, "", 0},
        {"a.pdf", "a/", NULL, "", 0},
        {"a.png", "a/b", "x", "", 0},
        {"a.png", "a/b", "x>@y", "", 0},
        {"a.png", "a/b", "x@y\r\n", "", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct mime_part *p;
        struct err err;
        assert_int_equal(mime_part_make(mem, &table[i], &p, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
    }
}

int main(void)
{
    mem_init();
    mime_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
