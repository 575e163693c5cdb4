/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A small register for the tests of questions: six contacts that are called by one letter, so that an answer
 * is a word, with what happened to them.
 */
#ifndef TESTS_LIB_PEOPLE_H
#define TESTS_LIB_PEOPLE_H

#include "tests/lib/testdb.h"

/* Users vesna and departments mayor and finance are there; db is vesna. */
void people_add(struct testdb *t, struct db *db);
const char *people_id(struct testdb *t, const char *letter);
/* The letters of whom the question finds, by name; the three ways of asking must agree. */
const char *people_found(struct testdb *t, struct db *db, const char *question);

#endif
