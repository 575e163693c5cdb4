/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files of a mail into a folder: under harmless names, none that can be run, nothing overwritten.
 */
#ifndef CMD_EXTRACT_H
#define CMD_EXTRACT_H

#include "cmd/cmd.h"
#include "mail/wire/facts_cage.h"

struct extract {
    struct cage *cage;
    const char *mail; /* the bytes */
    size_t len;
    const char *folder;
    int fd;         /* of the folder */
    bool dangerous; /* what may do harm, too */
};
/* Makes the folder, if it is not there. */
int extract_open(struct extract *x, struct err *err) MUST_CHECK;
/* Each file of the mail's facts is told "extracted", its path, if it is; and added to `files` where that is
 * no NULL: {"filename", "type", "size", "danger", "extracted"}. */
int extract_files(const struct extract *x, json_t *facts, json_t *files, struct err *err) MUST_CHECK;

#endif
