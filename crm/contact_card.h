/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts as vCards 4.0 (base/vcard.h): one function makes the card of one contact, for files and for
 * whoever serves cards one by one.
 *
 *     names         FN, and N of a person whose name says so, in each language (ALTID, LANGUAGE)
 *     organisation  ORG; posts held there TITLE, posts held elsewhere ROLE, grouped with their ORG
 *     addresses     EMAIL in order of preference, without dead and replaced ones; TEL; ADR with LABEL;
 *                   of the type home what is private
 *     categories    CATEGORIES; tags, too, and again in X-ADRESAR-TAGS, so that they come back as tags
 *     UID           never changes; REV: when the contact or a part of it last changed
 */
#ifndef CRM_CONTACT_CARD_H
#define CRM_CONTACT_CARD_H

#include "base/db.h"
#include "base/vcard.h"

/* A talloc child of mem.  ERR_NOTFOUND. */
int contact_card(void *mem, struct db *db, int64_t id, struct vcard **card_r, struct err *err) MUST_CHECK;
/* The cards of these in their order; one that is gone, or that the user may not see, is left out. */
int contact_cards_each(struct db *db, const int64_t *ids, size_t n, vcard_fn *fn, void *context,
                       struct err *err) MUST_CHECK;
/* Cards of groups (KIND:group), each with those of the contacts that belong to it: one of all of them, when
 * it has a name, and one for each organisation with people among them. */
int contact_groups_each(struct db *db, const char *name, const int64_t *ids, size_t n, vcard_fn *fn,
                        void *context, struct err *err) MUST_CHECK;

#endif
