/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The audit log.  Each change leaves an entry, by triggers, with the values before and after beside it; an
 * import leaves one entry with a digest over its rows; what is handed out leaves one, too.
 *
 * Entries are sealed in batches, so that no writer waits for another: a seal takes all that is committed and
 * not sealed yet, gives each entry its place, and chains the batch to the one before.  Every command that
 * wrote seals before it ends, the daemons do from time to time, and so does the verifier.  An erasure empties
 * values and leaves their digests.  What somebody with the owner's rights does to an entry before it is
 * sealed, a few seconds, nobody can tell; nor whether the whole log was written anew, unless a digest of the
 * chain was noted elsewhere.
 */
#ifndef CRM_AUDIT_H
#define CRM_AUDIT_H

#include "base/db.h"
#include "base/digest.h"

/* Seals what there is to seal; nothing when somebody else does so just now.  Outside a transaction. */
int audit_seal(struct db *db, struct err *err) MUST_CHECK;
/* The same, for the end of a connection: what it could not seal, the next one will. */
void audit_seal_if_possible(struct db *db);

/* An entry for what is no change of a row, such as EXPORT: of what, how many rows, SHA-256 of what went out.
 */
int audit_note(struct db *db, const char *action, const char *object, int64_t rows,
               const unsigned char digest[DIGEST_BYTES], struct err *err) MUST_CHECK;

/* For what was written to a file that is handed out: what goes out is in the log, or does not go out, that
 * is, the file is removed when there can be no entry. */
int audit_export(struct db *db, const char *object, int64_t rows, const char *path,
                 struct err *err) MUST_CHECK;

struct audit_verdict {
    int64_t entries, unsealed, erased; /* values emptied by an erasure */
    const char *chain;                 /* digest of the chain's end, in hexadecimal */
    const char *broken; /* NULL: the chain is whole; else the first entry that is not, and why */
};
/* Seals, and computes the chain again from the first entry on; verdict's texts are talloc children of mem. */
int audit_verify(void *mem, struct db *db, struct audit_verdict *verdict_r, struct err *err) MUST_CHECK;

/* What the verdict does not say: where the tables are not what their entries say was written.  Slow: it reads
 * all.  Columns id (of the entry; null: there is none), at, actor, action, object, first_id, last_id (rows),
 * why: changed, gone, back (though it was removed) or unknown (no entry made it).  Of a table whose rows the
 * daemons change, and of what an erasure emptied, nothing can be said. */
int audit_differs(struct db *db, struct db_rows **rows_r, struct err *err) MUST_CHECK;

struct audit_filter {
    int64_t contact_id;    /* 0: any */
    const char *actor;     /* NULL: anybody */
    const char *from, *to; /* days (ISO) in zone, both included; NULL: open */
    const char *zone;
    int64_t before_id; /* 0: from the newest on */
    int limit;
};
/* Of those that the acting user may see, newest first; columns id, at, actor, action, object, rows, seq;
 * contact_id and contact (its name) where it is about one; changes: [{"field", "from", "to"}] of the first
 * row. */
int audit_list(struct db *db, const struct audit_filter *filter, struct db_rows **rows_r,
               struct err *err) MUST_CHECK;

#endif
