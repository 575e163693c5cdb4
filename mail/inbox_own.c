/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Our own messages back: copies of what we sent, and what officials write from their own mail clients, which
 * reaches us as a blind copy (what lies in their Sent folders mail/sent.c takes).
 */
#include <strings.h>

#include "base/catalog.h"
#include "mail/inbox_low.h"

bool inbox_is_house(const struct conf *conf, const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    return inbox_is_own(conf, address) || (at && !strcasecmp(at + 1, conf->office.domain));
}

bool inbox_is_own(const struct conf *conf, const char *address)
{
    if (!address)
        return false;
    for (const struct conf_imap *i = conf->imap; i; i = i->next)
        if (!strcasecmp(i->address, address))
            return true;
    for (const struct conf_smtp *s = conf->smtp; s; s = s->next)
        if (!strcasecmp(s->from_address, address) || !strcasecmp(s->bounce_address, address))
            return true;
    return conf->office.email && !strcasecmp(conf->office.email, address);
}

static bool goes_outside(const struct judgement *j)
{
    const struct letter_list *to = &j->letter.to;
    for (size_t i = 0; i < to->n; i++)
        if (strchr(to->item[i], '@') && !inbox_is_house(j->inbox->conf, to->item[i]))
            return true;
    return false;
}

/* Written by us, from a mail client of ours: what went to others is outgoing mail, of which this is a copy.
 * What a colleague writes or forwards to us alone is mail like any other. */
static int is_by_us(struct judgement *j)
{
    const char *why;
    bool outside = goes_outside(j);
    if (!outside && (j->letter.original.from || !inbox_is_own(j->inbox->conf, j->letter.from)))
        return 0;
    if (!letter_is_authenticated(j->mem, &j->letter, j->authserv_id, j->letter.from, &why)) {
        inbox_decide(j, N_("it is written in our name, and nothing proves that it is from us"));
        j->believed = false;
        return 1;
    }
    j->class = "own";
    if (outside)
        j->state = "sent";
    return 1;
}

/* Our own message back, whatever it says.  Known by an id that only we can make, or, from a mail client of
 * ours, by what our server says.  1/0/-1 */
int inbox_own(struct judgement *j, struct err *err)
{
    bool from_us = inbox_is_house(j->inbox->conf, j->letter.from);
    int rc = inbox_match_own(j->mem, j->inbox, &j->letter, &j->look, &j->match, err);
    if (rc <= 0)
        return rc || !from_us ? rc : is_by_us(j);
    j->class = "own";
    j->copy = true;
    j->believed = false; /* the letter itself is there; who else stands in the copy has no part in it */
    if (!from_us)
        inbox_decide(j, N_("it has the Message-ID of a letter of ours, but another sender"));
    return 1;
}

/* A letter of ours that lies in a mailbox has left us, whatever was added to it on its way (a copy as it was
 * is found by mail/fetch.c). */
int inbox_own_effect(struct judgement *j, struct err *err)
{
    return j->copy && strcmp(j->state, "decide") ? inbox_settle(j, "accepted", "copy", err) : 0;
}
