/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What took place: when, where, who, and the minutes.
 */
#ifndef CRM_MEETING_H
#define CRM_MEETING_H

#include "crm/import.h"

struct meeting {
    const char *date;                                          /* yyyy-mm-dd */
    const char *time;                                          /* hh:mm, or NULL */
    const char *place, *subject, *chair, *attendees, *minutes; /* NULL: none; but a subject there is */
    const char *language;                                      /* of the minutes, or NULL */
};

/* Reads what a person wrote for a date and a time ("13.01.2025", "9.30"); NULL: nothing is wrong, else what.
 * The texts are talloc children of mem. */
const char *meeting_read_when(void *mem, const char *date, const char *time, struct meeting *meeting,
                              const struct catalog *catalog);

int meeting_add(struct db *db, const struct meeting *meeting, const char *department, int64_t *id_r,
                struct err *err) MUST_CHECK;

/* By date; columns id, held_on, held_at, place, subject, chair, attendees, minutes, language, department
 * (which may be NULL here: all). */
int meeting_list(struct db *db, const char *department, struct db_rows **rows_r, struct err *err) MUST_CHECK;

/* A list of meetings, as import_contacts takes one of contacts; of the options map_file and country mean
 * nothing.  The columns are found by their headers: date, time, place, subject, chaired by, attendees,
 * minutes, language of minutes, or what they are called in Albanian and Serbian.  A meeting of the same day,
 * hour and subject is known. */
int meeting_import(void *mem, struct db *db, const struct import_options *options,
                   struct import_report *report_r, struct err *err) MUST_CHECK;

#endif
