/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A large mail made small for its reader: of what stands between two lines that may be delimiters of a
 * multipart the begin alone.  The reader finds the same tree in it; what a part measures is found in the
 * file.
 */
#ifndef MAIL_WIRE_THIN_H
#define MAIL_WIRE_THIN_H

#include "base/digest.h"

struct thin;
/* Of the file's first `len` bytes; what there is to read is then thin_mail.  ERR_INPUT when it is cut
 * shorter.
 */
int thin_read(void *mem, int fd, size_t len, struct thin **thin_r, struct err *err) MUST_CHECK;
const char *thin_mail(const struct thin *thin, size_t *len_r);
/* Not even the begins of all have room. */
bool thin_omitted(const struct thin *thin);
/* Whether in this range of the mail (or of anything else) something was left out; NULL: nothing ever. */
bool thin_is_cut(const struct thin *thin, const char *bytes, size_t len);
/* Size and sum of what stands there in the file, decoded. */
size_t thin_measure(const struct thin *thin, const char *encoding, const char *bytes, size_t len,
                    unsigned char sum[DIGEST_BYTES]);

#endif
