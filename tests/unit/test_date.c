/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/wire/date.h"

static void test_dates(void **state)
{
    (void)state;
    enum { NONE = -1, THEN = 1794471348 }; /* 2026-11-12 08:15:48 UTC */
    static const struct {
        const char *value;
        int64_t when;
    } table[] = {
        {"Thu, 12 Nov 2026 09:15:48 +0100", THEN},
        {" Thu,  12 Nov 2026 09:15:48 +0100 (CET)", THEN},
        {"12 Nov 2026 09:15:48 +0100", THEN},
        {"Thu, 12 Nov 26 09:15:48 +0100", THEN},
        {"Thu, 12 Nov 126 09:15:48 +0100", THEN},
        {"Thu, 12 (a day) Nov 2026 08:15:48 (x (y)) GMT", THEN},
        {"Thu, 12 Nov 2026 08:15:48 -0000", THEN},
        {"Thu, 12 Nov 2026 08:15:48 UT", THEN},
        {"Thu, 12 Nov 2026 03:15:48 EST", THEN},
        {"Thu, 12 Nov 2026 09:15:48 MEZ", THEN},
        {"Thu, 12 Nov 2026 09:15:48 GMT+0100", THEN},
        {"Thu, 12 Nov 2026 09:15:48 +01:00", THEN},
        {"Thu Nov 12 08:15:48 2026", THEN},
        {"Thu Nov 12 09:15:48 CET 2026", THEN},
        {"Thu,12 Nov 2026 09:15:48+0100", THEN},
        {"Thursday, 12-Nov-26 08:15:48 GMT", THEN},
        {"12-Nov-2026 09:15:48 +0100", THEN},
        {"2026-11-12T09:15:48+01:00", THEN},
        {"2026-11-12 08:15:48", THEN},
        {"2026-11-12T08:15:48Z", THEN},
        {"Thu, 12 November 2026 9:15:48 +0100", THEN},
        {"Thu, 12 Nov 2026 08:15:48", THEN},
        {"Thu, 12 Nov 2026 08:15 GMT", THEN - 48},
        {"Thu, 12 Nov 0126 09:15:48 +0100", THEN},
        {"Thu, 12 Nov 2026 09:15:48 0100", THEN},
        {"Thu 12 Nov 2026 08:15:48 AM", THEN},
        {"Thu 12 Nov 2026 08:15:48 PM GMT", THEN + 43200},
        {"12 Nov 2026", THEN - THEN % 86400},
        {"Thu, 29 Feb 2024 00:00:00 +0000", 1709164800},
        {"Thu, 1 Jan 1970 00:00:00 +0000", 0},
        {"Sat, 1 Jan 2000 00:00:00 +1400", 946684800 - 14 * 3600},
        {"Thu, 30 Feb 2026 09:15:48 +0100", NONE},
        {"Thu, 12 Nov 2026 25:15:48 +0100", NONE},
        {"yesterday", NONE},
        {"((((", NONE},
        {"-", NONE},
        {"", NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        int64_t when = NONE;
        bool is_date = date_read(table[i].value, &when);
        if (when != table[i].when || is_date != (table[i].when != NONE))
            fail_msg("%s: %lld", table[i].value, (long long)when);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
