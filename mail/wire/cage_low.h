/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The frames between cage.c (outside) and cage_child.c (inside), in the byte order of the machine, since both
 * ends are the same program.
 */
#ifndef MAIL_WIRE_CAGE_LOW_H
#define MAIL_WIRE_CAGE_LOW_H

#include <stdint.h>

enum { CAGE_FD = 3, CAGE_PATH_MAX = 256 };
enum cage_kind { CAGE_FACTS = 1, CAGE_PART };

struct cage_request {
    uint32_t kind;
    uint32_t len;             /* of the mail, which follows */
    char path[CAGE_PATH_MAX]; /* CAGE_PART: ends with NUL */
};
struct cage_answer {
    uint32_t code; /* enum err_code; text of the error follows, or facts as JSON, or the bytes of the part */
    uint32_t len;
};

#endif
