/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What parses foreign bytes runs in a cage: a process of our own program, started by exec so that it inherits
 * no memory, with no descriptor but its socket, no network, no files (seccomp), limits on memory and time.
 * Bytes in, facts out; keys, store and verdict are outside.
 *
 * One cage serves many messages.  A message that kills it, or takes longer than 10 s, is reported as such and
 * the next call starts a new cage.
 */
#ifndef MAIL_WIRE_CAGE_H
#define MAIL_WIRE_CAGE_H

#include <jansson.h>

#include "base/mem.h"

struct cage;

int cage_open(void *mem, struct cage **cage_r, struct err *err) MUST_CHECK;
void cage_close(struct cage *cage);
/* The facts of a mail (mail/wire/facts.h says which keys); the caller drops them with json_decref.  ERR_INPUT
 * when the mail cannot be parsed, killed the cage or ran out of time: err->text says which. */
int cage_facts(struct cage *cage, const char *mail, size_t len, json_t **facts_r, struct err *err) MUST_CHECK;
/* The same in two steps, so that the parser works while the caller does something else; what goes wrong in
 * the first is said by the second.  Any other call in between gives the mail up. */
void cage_facts_begin(struct cage *cage, const char *mail, size_t len);
int cage_facts_end(struct cage *cage, json_t **facts_r, struct err *err) MUST_CHECK;
/* The decoded bytes of one part, by its path ("1.2", as facts name it); a talloc child of mem. */
int cage_part(struct cage *cage, void *mem, const char *mail, size_t len, const char *path, char **bytes_r,
              size_t *len_r, struct err *err) MUST_CHECK;

/* body of the hidden command `adresar cage`, socket at descriptor 3 */
int cage_main(void);

#endif
