/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of preparing a mailing: what prepare.c gathers and prepare_write.c writes.
 */
#ifndef MAIL_PREPARE_LOW_H
#define MAIL_PREPARE_LOW_H

#include "mail/choice.h"
#include "mail/enclosing.h"
#include "mail/mailing_low.h"

struct recipient {
    int line;
    int64_t contact_id, address_id, post_id;
    bool to_post;
    const char *email /* "" on paper */, *name, *language;
    const char *own; /* path of a file that goes with their letter alone, or NULL */
    json_t *view;
};

/* Who is meant, but gets no letter. */
struct left_out {
    int64_t contact_id;
    const char *reason;
};

struct preparation {
    void *mem;
    struct db *db;
    const struct conf *conf;
    const struct mailing_order *order;
    struct class_mailing class;
    const struct conf_smtp **accounts; /* of the order */
    struct template_set texts;
    struct template **compiled; /* beside texts.v */
    struct choice choice;
    struct enclosing enclosing;
    const char *listed; /* the file that the line names, or NULL */
    int foreign;
    struct recipient *recipient;
    struct left_out *left_out;
    const char **problem;
    int on_paper;
    const struct mailing_guest *guest; /* who is being taken; NULL: of a list or a segment */
};

/* The draft with all that belongs to it. */
int prepare_write(struct preparation *p, int64_t department, const char *name, int64_t *id_r,
                  struct err *err) MUST_CHECK;

#endif
