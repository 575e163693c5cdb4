/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The keys of the question language.
 */
#include "crm/segment_tree.h"

#include "base/catalog.h"
#include "base/nearest.h"

static const char *const kinds[] = {"person", "organisation", NULL};
static const char *const states[] = {"active", "left",     "deceased",   "dissolved", "archived",
                                     "any",    "good",     "unverified", "soft",      "held",
                                     "dead",   "replaced", "bounced",    NULL};
static const char *const had[] = {"email",        "phone", "postal",   "salutation", "post",
                                  "organisation", "owner", "category", "language",   "tag",
                                  "precedence",   "note",  NULL};
static const char *const answers[] = {"yes", "no", "perhaps", "delegated", "question", "none", NULL};
static const char *const outcomes[] = {"accepted", "delivered", "bounced",  "refused",   "deferred",
                                       "unknown",  "expired",   "excluded", "cancelled", "printed",
                                       "queued",   "held",      "left",     NULL};

const struct segment_key_info segment_keys[SEGMENT_KEYS] = {
    [SEGMENT_KIND] = {"kind", "kind:person", kinds, NULL, false},
    [SEGMENT_CATEGORY] = {"category", "category:donor,investor", NULL, NULL, false},
    [SEGMENT_TAG] = {"tag", "tag:vip", NULL, NULL, false},
    [SEGMENT_LANGUAGE] = {"language", "language:sr", NULL, NULL, false},
    [SEGMENT_COUNTRY] = {"country", "country:DE,AT", NULL, NULL, false},
    [SEGMENT_CITY] = {"city", "city:Gjilan", NULL, NULL, false},
    [SEGMENT_DEPARTMENT] = {"department", "department:mayor", NULL, NULL, false},
    [SEGMENT_OWNER] = {"owner", "owner:drita", NULL, NULL, false},
    [SEGMENT_STATE] = {"state", "state:bounced", states, NULL, false},
    [SEGMENT_HAS] = {"has", "has:email", had, NULL, false},
    [SEGMENT_ID] = {"id", "id:17,18", NULL, NULL, false},
    [SEGMENT_NAME] = {"name", "name:stojkov", NULL, NULL, false},
    [SEGMENT_NEAR_NAME] = {"near-name", "near-name:petrovic", NULL, NULL, false},
    [SEGMENT_TEXT] = {"text", "text:conference", NULL, NULL, false},
    [SEGMENT_ORGANISATION] = {"organisation", "organisation:chamber", NULL, NULL, false},
    [SEGMENT_POST] = {"post", "post:minister", NULL, NULL, false},
    [SEGMENT_ADDRESS] = {"address", "address:@gov.example", NULL, NULL, false},
    [SEGMENT_ANSWERED] = {"answered", "answered:\"Donor conference 2026\"=yes", NULL, answers, false},
    [SEGMENT_INVITED] = {"invited", "invited:\"Donor conference 2026\"", NULL, NULL, false},
    [SEGMENT_RECEIVED] = {"received", "received:\"Newsletter 7\"=bounced", NULL, outcomes, false},
    [SEGMENT_LAST_CONTACT] = {"last-contact", "last-contact<2026-01-01", NULL, NULL, true},
    [SEGMENT_CREATED] = {"created", "created>=2026-03", NULL, NULL, true},
    [SEGMENT_IMPORTED] = {"imported", "imported:\"ngo.csv\"", NULL, NULL, false},
    [SEGMENT_SEGMENT] = {"segment", "segment:\"Donors abroad\"", NULL, NULL, false},
};

bool segment_is_contact_state(const char *word)
{
    for (size_t i = 0; i < 5; i++)
        if (!strcmp(states[i], word))
            return true;
    return false;
}

char *segment_there_are(void *mem, const char *word, const char *const *list, size_t n)
{
    enum { SHOWN = 20 };
    struct text t = text_new(mem);
    const char *nearest = nearest_word(word, list, n);
    if (nearest)
        text_printf(&t, err_word(N_("; did you mean \"%s\"?")), nearest);
    else
        for (size_t i = 0; i < n && i < SHOWN; i++)
            text_printf(&t, "%s%s", i ? ", " : err_word(N_("; there are ")), list[i]);
    if (!nearest && n > SHOWN)
        text_puts(&t, " ...");
    return t.s;
}
