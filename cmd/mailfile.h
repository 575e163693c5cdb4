/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mail in files, for the commands that need no database.
 */
#ifndef CMD_MAILFILE_H
#define CMD_MAILFILE_H

#include "cmd/cmd.h"
#include "mail/wire/facts_cage.h"

struct mailfile {
    const char *path, *mail; /* the bytes */
    size_t len;
    json_t *facts;     /* through the cage */
    struct cage *cage; /* for its parts */
};
/* fn for each mail: the files named, and the *.eml of the folders named in the order of their names; they are
 * parsed beside each other, in as many cages as there are processors.  What cannot be read is told and stops
 * nothing. The exit code: EXIT_LOOK when one of them, or fn, gives it. */
typedef int mailfile_fn(struct cmd *c, const struct mailfile *m, void *context);
int mailfile_each(struct cmd *c, int n, char **paths, mailfile_fn *fn, void *context);
/* "Name <address>, address" out of [[name, address]]. */
char *mailfile_people(void *mem, const json_t *people);
/* What a file in a mail may do ("danger" of mail/wire/facts.h), in words. */
const char *mailfile_danger(struct cmd *c, const char *danger);

#endif
