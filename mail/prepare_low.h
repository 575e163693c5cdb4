/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of preparing a mailing: prepare.c knows whom it is to go to, prepare_take.c makes their letters, and
 * prepare_write.c writes them.
 */
#ifndef MAIL_PREPARE_LOW_H
#define MAIL_PREPARE_LOW_H

#include "mail/choice.h"
#include "mail/enclosing.h"
#include "mail/mailing_low.h"
#include "mail/view.h"

/* Somebody whom the order names. */
struct asked {
    int line;           /* of the list; 0: there is none */
    const char *word;   /* that stands there; else NULL, and the members below say it */
    const char *listed; /* the file that the line names, or NULL */
    int64_t contact_id, post_id;
    const struct mailing_guest *guest; /* who is one, or NULL */
};

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
    struct view_maker *maker;
    int64_t department, mailing; /* mailing 0: not written yet */
    const char *name;            /* its own */
    struct asked *asked;         /* who is taken next, up to PREPARE_AT_ONCE */
    size_t nasked;
    void *taken, *spared; /* trees (tsearch) of who got a letter, or was left out */
    int recipients, foreign, on_paper;
    struct left_out *left_out;
    const char **problem;
};

/* prepare_take.c: who is asked for is taken with many others at once; behind the last one come the rest. Each
 * is a recipient, left out or a problem then. */
enum { PREPARE_AT_ONCE = 500 };
int prepare_ask(struct preparation *p, const struct asked *asked, struct err *err) MUST_CHECK;
int prepare_rest(struct preparation *p, struct err *err) MUST_CHECK;
void prepare_end(struct preparation *p);

/* prepare_write.c: the draft, which the first recipients begin, and at last what is known in the end. */
int prepare_write(struct preparation *p, const struct recipient *recipient, size_t n,
                  struct err *err) MUST_CHECK;
int prepare_finish(struct preparation *p, struct err *err) MUST_CHECK;

#endif
