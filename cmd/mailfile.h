/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mail in files, for the commands that need no database.
 */
#ifndef CMD_MAILFILE_H
#define CMD_MAILFILE_H

#include "cmd/cmd.h"
#include "mail/wire/facts_cage.h"

/* fn for each mail: the files named, and the *.eml of the folders named in the order of their names.  What
 * cannot be read is told and stops nothing. The exit code: EXIT_LOOK when one of them, or fn, gives it. */
typedef int mailfile_fn(struct cmd *c, struct cage *cage, const char *path, void *context);
int mailfile_each(struct cmd *c, int n, char **paths, mailfile_fn *fn, void *context);
/* The bytes of the file and, through the cage, its facts. */
int mailfile_facts(void *mem, struct cage *cage, const char *path, char **mail_r, size_t *len_r,
                   json_t **facts_r, struct err *err) MUST_CHECK;
/* A file that cannot be read: {"file", "error"}, or a line on standard error.  EXIT_LOOK. */
int mailfile_unreadable(struct cmd *c, const char *path, const struct err *err);
/* "Name <address>, address" out of [[name, address]]. */
char *mailfile_people(void *mem, const json_t *people);
/* What a file in a mail may do ("danger" of mail/wire/facts.h), in words. */
const char *mailfile_danger(struct cmd *c, const char *danger);

#endif
