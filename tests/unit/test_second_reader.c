/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * On mails as they should be, our reader and GMime say the same: tree, types, names, decoded bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <gmime/gmime.h>

#include "mail/wire/entity.h"

static void compare(const struct entity *e, GMimeObject *o);

static void compare_multipart(const struct entity *e, GMimeMultipart *m)
{
    assert_int_equal(e->kind, ENTITY_MULTIPART);
    assert_int_equal(e->nchildren, g_mime_multipart_get_count(m));
    for (size_t i = 0; i < e->nchildren; i++)
        compare(e->child[i], g_mime_multipart_get_part(m, (int)i));
}

static void compare_leaf(const struct entity *e, GMimePart *part)
{
    MEM_SCOPE(mem);
    GByteArray *theirs = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(theirs);
    g_mime_stream_mem_set_owner((GMimeStreamMem *)stream, FALSE);
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), stream);
    size_t len;
    const char *ours = entity_content(mem, e, &len);
    assert_int_equal(len, theirs->len);
    assert_memory_equal(ours, theirs->data, len);
    const char *name = entity_filename(mem, e), *their_name = g_mime_part_get_filename(part);
    assert_string_equal(name ? name : "", their_name ? their_name : "");
    g_object_unref(stream);
    g_byte_array_free(theirs, TRUE);
}

static void compare(const struct entity *e, GMimeObject *o)
{
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(o));
    assert_int_equal(strcasecmp(e->type, type), 0);
    g_free(type);
    if (GMIME_IS_MULTIPART(o)) {
        compare_multipart(e, GMIME_MULTIPART(o));
    } else if (GMIME_IS_MESSAGE_PART(o)) {
        assert_int_equal(e->kind, ENTITY_MESSAGE);
        compare(e->child[0],
                g_mime_message_get_mime_part(g_mime_message_part_get_message(GMIME_MESSAGE_PART(o))));
    } else {
        assert_int_equal(e->kind, ENTITY_LEAF);
        compare_leaf(e, GMIME_PART(o));
    }
}

static void compare_mail(const char *mail, size_t len)
{
    MEM_SCOPE(mem);
    bool omitted;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    compare(entity_read(mem, mail, len, &omitted), g_mime_message_get_mime_part(message));
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
}

static void test_folder(void **state)
{
    static const char folder[] = "demo/data/donors-conference/replies";
    (void)state;
    DIR *dir = opendir(folder);
    int n = 0;
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        MEM_SCOPE(mem);
        struct err err;
        char *mail;
        size_t len;
        if (d->d_name[0] == '.')
            continue;
        const char *path = talloc_asprintf(mem, "%s/%s", folder, d->d_name);
        if (mem_read_file(mem, path, 1 << 20, &mail, &len, &err) < 0)
            fail_msg("%s", err.text);
        print_message("%s\n", d->d_name);
        compare_mail(mail, len);
        n++;
    }
    closedir(dir);
    assert_true(n > 10);
}

int main(void)
{
    mem_init();
    g_mime_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_folder)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
