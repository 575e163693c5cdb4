/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/answerkey.h"

static const struct answerkey keys[] = {
    {"reply", "human", NULL, ANY, YES},
    {"unrelated", "human", NULL, ANY, NO},
    {"auto-reply", "auto-reply", NULL, ANY, YES},
    {"bounce-hard", "bounce", NULL, YES, YES},
    {"bounce-soft", "bounce", NULL, NO, YES},
    {"bounce-soft", "delay", NULL, NO, YES}, /* a warning: it is still tried */
    {"rsvp-accepted", "calendar", "ACCEPTED", ANY, YES},
    {"rsvp-declined", "calendar", "DECLINED", ANY, YES},
    {"rsvp-tentative", "calendar", "TENTATIVE", ANY, YES},
    {"unsubscribe", "unsubscribe", NULL, ANY, YES},
};

const struct answerkey *answerkey_find(const char *word, const char *class)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (!strcmp(keys[i].word, word) && !strcmp(keys[i].class, class))
            return &keys[i];
    return NULL;
}
