/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files that go with the letters of a mailing: those that its texts name (mail/template.h: "attach",
 * pictures) go with every letter in the text's language, and a recipient may have one of their own.  The
 * store keeps each file once, by its content; a sender makes a part of each once (mail/wire/mime_part.h).
 */
#ifndef MAIL_ATTACHMENT_H
#define MAIL_ATTACHMENT_H

#include <jansson.h>

#include "base/db.h"
#include "mail/choice.h"
#include "mail/template.h"
#include "mail/wire/mime_part.h"

struct attachment {
    const char *path;
    struct mime_file file;
    const char **language; /* of the letters that it goes with */
    size_t nlanguages;
};
struct attachment_set {
    struct attachment *v;
    size_t n;
};

/* What the texts name, read and looked at; compiled stands beside texts->v.  A letter of two texts has the
 * files of both.  ERR_INPUT with file and line for what is missing or cannot be sent. */
int attachment_load(void *mem, const struct template_set *texts, struct template *const *compiled,
                    const struct choice *choice, struct attachment_set *set_r, struct err *err) MUST_CHECK;
/* One file; content_id: of a picture, else NULL. */
int attachment_read(void *mem, const char *path, const char *content_id, struct mime_file *file_r,
                    struct err *err) MUST_CHECK;
/* How many bytes they, and a file of that many bytes, make in a letter in the language. */
size_t attachment_size(const struct attachment_set *set, const char *language, size_t own_bytes);

/* The file of one recipient: of the folder, the name that a name with Mustache tags becomes with the view, or
 * that the list has beside the recipient (which goes first).  ERR_INPUT. */
struct attachment_own {
    const char *folder; /* NULL: there are none */
    const char *name;   /* "{{contact.id}}.pdf"; NULL: the list says it */
};
int attachment_own_path(void *mem, const struct attachment_own *own, const char *listed, json_t *view,
                        const char **path_r, struct err *err) MUST_CHECK;

/* The name behind a tab in a line of the list, cut out of it; NULL: none. */
const char *attachment_listed(char *line);

/* Of the caller's own draft. */
int attachment_add(struct db *db, int64_t mailing, const struct attachment_set *set,
                   struct err *err) MUST_CHECK;
int attachment_add_own(struct db *db, int64_t mailing, int64_t contact, const struct mime_file *file,
                       struct err *err) MUST_CHECK;
/* Of one letter: [{name, type, size, picture}] */
int attachment_list(struct db *db, int64_t mailing, int64_t outbox, const char *language, json_t **list_r,
                    struct err *err) MUST_CHECK;
/* Has the mailing files of single recipients? */
int attachment_is_personal(struct db *db, int64_t mailing, bool *yes_r, struct err *err) MUST_CHECK;

/* The parts of letters, for who sends them; belongs to one thread.  What is the same in many letters is kept
 * until no letter has asked for it for an hour, and may be read by any thread for that long. */
struct attachment_desk;
struct attachment_desk *attachment_desk_new(void *mem);
/* outbox 0: without the recipient's own.  The array and the own part are talloc children of mem. */
int attachment_parts(void *mem, struct attachment_desk *desk, struct db *db, int64_t mailing, int64_t outbox,
                     const char *language, const struct mime_part *const **part_r, size_t *nparts_r,
                     struct err *err) MUST_CHECK;

#endif
