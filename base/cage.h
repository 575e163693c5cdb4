/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What parses foreign bytes runs in a cage: a process of our own program, started by exec so that it inherits
 * no memory, with no descriptor but its socket, no network, no files (seccomp), limits on memory and time.
 * Bytes in (or a file's descriptor, to read it), frames out; keys, store and verdict are outside.
 *
 * One cage serves many calls, of any of its parsers.  Bytes that kill it, or take too long, are reported as
 * such and the next call starts a new cage.  Who wrote the bytes may have taken the parser over: what comes
 * out of a frame is checked outside as if it came from the network.
 */
#ifndef BASE_CAGE_H
#define BASE_CAGE_H

#include <stdint.h>

#include "base/spool.h"

enum { CAGE_FRAME_MAX = 16 << 20, CAGE_ANSWER_MAX = 128 << 20 };

/* A piece of the answer, in order: of a kind that the parser numbers from 1, with a NUL behind its bytes,
 * which are valid for the call.  -1 with err filled ends the call (and the cage). */
typedef int cage_frame_fn(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err);

/* ---- inside */

/* Bytes and argument in (both end with a NUL), frames to put; a frame longer than CAGE_FRAME_MAX comes out as
 * several.  -1 with err filled, or what put returned.  Tests and fuzzing call it without a cage. */
typedef int cage_parse_fn(const char *bytes, size_t len, const char *argument, cage_frame_fn *put,
                          void *context, struct err *err);

/* The same for bytes that stand in a file; NULL where none ever do. */
typedef int cage_parse_file_fn(int fd, size_t len, const char *argument, cage_frame_fn *put, void *context,
                               struct err *err);

struct cage_parser {
    const char *name;
    void (*warm_up)(void); /* opens and loads all that the libraries will want to; NULL: they want nothing */
    cage_parse_fn *parse;
    cage_parse_file_fn *parse_file;
};

/* Body of the hidden command `adresar cage`, socket at descriptor 3; the parsers end with NULL. */
int cage_main(const struct cage_parser *const *parsers);

/* ---- outside */

struct cage;

struct cage_call {
    const char *parser;   /* its name */
    const char *argument; /* NULL: ""; ERR_NOTFOUND when it is longer than 255 bytes */
    const char *noun;     /* of the bytes, for messages: N_("mail") */
    const char *bytes;
    const struct spool *spool; /* in place of the bytes: its descriptor goes in */
    size_t len, max_bytes;     /* more than that is refused unread */
    uint64_t max_answer;       /* all frames together; 0: CAGE_ANSWER_MAX */
    int max_silence_s;         /* 0: 10 */
};

int cage_open(void *mem, struct cage **cage_r, struct err *err) MUST_CHECK;
void cage_close(struct cage *cage);
/* ERR_INPUT when the bytes cannot be parsed, killed the cage, or let it be silent for too long or take ten
 * minutes in all (the time in fn does not count): err->text says which.  Frames may have come by then. */
int cage_run(struct cage *cage, const struct cage_call *call, cage_frame_fn *fn, void *context,
             struct err *err) MUST_CHECK;
/* The same in two steps, so that the parser works while the caller does something else; what goes wrong in
 * the first is said by the second.  Any other call in between gives the first up, but for one that is begun
 * behind it, and ends behind it: their bytes live until they end. */
enum { CAGE_CALLS_MAX = 32 };
void cage_begin(struct cage *cage, const struct cage_call *call);
void cage_begin_behind(struct cage *cage, const struct cage_call *call);
void cage_give_up(struct cage *cage); /* all that was begun */
int cage_end(struct cage *cage, cage_frame_fn *fn, void *context, struct err *err) MUST_CHECK;

#endif
