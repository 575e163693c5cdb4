/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The keys of the question language, and what a misspelt word was perhaps meant to be.
 */
#include "crm/segment_tree.h"

#include "base/unicode.h"

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

/* ---- what was meant: the edit distance of the folds, a swap of neighbours being one edit */

enum { MAX_WORD = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t n = a < b ? a : b;
    return n < c ? n : c;
}

static size_t distance(const char *a, const char *b)
{
    size_t row[3][MAX_WORD + 1], n = strlen(a), m = strlen(b);
    if (n > MAX_WORD || m > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return row[n % 3][m];
}

const char *segment_nearest(const char *word, const char *const *list, size_t n)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word), *nearest = NULL;
    size_t len = strlen(fold), best = len / 3 + 1 > 3 ? 4 : len / 3 + 2; /* one too far */
    for (size_t i = 0; len && i < n; i++) {
        const char *other = unicode_fold(mem, list[i]);
        size_t d = len >= 3 && !strncmp(fold, other, len) ? 1 : distance(fold, other);
        if (d < best) {
            best = d;
            nearest = list[i];
        }
    }
    return nearest;
}

char *segment_there_are(void *mem, const char *word, const char *const *list, size_t n)
{
    enum { SHOWN = 20 };
    struct text t = text_new(mem);
    const char *nearest = segment_nearest(word, list, n);
    if (nearest)
        text_printf(&t, "; did you mean \"%s\"?", nearest);
    else
        for (size_t i = 0; i < n && i < SHOWN; i++)
            text_printf(&t, "%s%s", i ? ", " : "; there are ", list[i]);
    if (!nearest && n > SHOWN)
        text_puts(&t, " ...");
    return t.s;
}
