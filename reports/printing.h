/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The letters on paper of a released mailing, as one file for the printer, and the labels for their
 * envelopes.
 *
 * Who may not be written to any more is excluded, or held, first, as a letter is before it is sent.  The
 * rest, in the order of countries (the office's own first), postcodes and names, becomes one PDF; each letter
 * is kept as it stands on the paper, its recipient is `printed`, the file's SHA-256 goes into the audit log,
 * all in one transaction.
 *
 *     whole file on the disk, beside its name | commit | name
 *
 * So a file that has its name is one whose letters are marked, and nobody is printed twice by a crash; where
 * one comes before the name is given, the letters are marked, and --again writes them.
 */
#ifndef REPORTS_PRINTING_H
#define REPORTS_PRINTING_H

#include "base/archive.h"
#include "base/conf.h"
#include "base/db.h"

struct printing_order {
    int64_t mailing_id;
    const char *path;
    const char *labels_path, *sheet; /* NULL: no labels */
    int first_label;                 /* on the first sheet, from 1 */
    enum {
        PRINTING_NEW,
        PRINTING_AGAIN,  /* what was printed already, as it was */
        PRINTING_SAMPLE, /* of a draft, too: a letter of each language, marked as no letter; nothing else
                            happens */
    } what;
    bool two_sided; /* each letter begins on a sheet of its own */
};
struct printing_result {
    int letters, pages, label_sheets;
    char sha256[2 * 32 + 1]; /* of the letters' file */
};
/* ERR_NOTFOUND: there is nothing to print. */
int printing_run(struct db *db, const struct conf *conf, const struct printing_order *order,
                 struct printing_result *result_r, struct err *err) MUST_CHECK;

/* Each letter of the caller's own draft that goes by mail gets itself as it would stand on paper, as a PDF of
 * its recipient's own.  In the caller's transaction; ERR_INPUT names the recipient. */
int printing_enclose(struct db *db, const struct conf *conf, int64_t mailing, struct err *err) MUST_CHECK;

/* The contact's letters that were printed, each as letters/N.pdf; a dossier_more_fn (mail/dossier.h), the
 * context is the configuration. */
int printing_add_letters(const void *conf, struct db *db, int64_t contact, struct archive *archive,
                         struct err *err) MUST_CHECK;

#endif
