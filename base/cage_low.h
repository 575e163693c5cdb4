/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What goes over the socket between cage.c (outside) and cage_child.c (inside), in the byte order of the
 * machine, since both ends are the same program.  A request with its bytes in; frames with theirs out, the
 * last of which is of the kind CAGE_END.  The socket is the only buffer: a parser waits until its frame is
 * taken.
 */
#ifndef BASE_CAGE_LOW_H
#define BASE_CAGE_LOW_H

#include <stdbool.h>
#include <stdint.h>

enum { CAGE_FD = 3, CAGE_NAME_SIZE = 32, CAGE_ARGUMENT_SIZE = 256, CAGE_LANGUAGE_SIZE = 16 };

struct cage_request { /* its bytes follow, or a file's descriptor (base/descriptor.h) */
    char parser[CAGE_NAME_SIZE], argument[CAGE_ARGUMENT_SIZE];
    char language[CAGE_LANGUAGE_SIZE]; /* of the errors of whoever asks (base/err.h); "": English */
    uint32_t len;
    bool file;
};

enum { CAGE_END = 0 };
struct cage_frame {
    uint32_t kind;
    uint32_t code; /* CAGE_END: enum err_code, and the text of the error follows */
    uint32_t len;
};

#endif
