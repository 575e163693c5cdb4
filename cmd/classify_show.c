/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/classify.h"

#include "base/json_text.h"

enum { EVIDENCE_WIDTH = 200 };

static const struct {
    const char *class, *name;
} class_names[] = {
    {"human", N_("a person wrote")},        {"auto-reply", N_("automatic reply")},
    {"bounce", N_("not delivered")},        {"delay", N_("delivery is delayed")},
    {"delivered", N_("delivered")},         {"complaint", N_("complaint")},
    {"calendar", N_("answer by calendar")}, {"unsubscribe", N_("wants no more mail")},
    {"disposition", N_("read receipt")},
};

const char *classify_class(struct cmd *c, const char *class)
{
    for (size_t i = 0; i < ARRAY_LEN(class_names); i++)
        if (!strcmp(class_names[i].class, class))
            return _(class_names[i].name);
    return class;
}

static void show_recipients(struct cmd *c, const json_t *recipients)
{
    size_t i;
    const json_t *r;
    json_array_foreach(recipients, i, r)
    {
        printf("    %s  %s %s %s", json_text(r, "address"), json_text(r, "action"), json_text(r, "status"),
               json_text(r, "reason"));
        bool again = json_is_true(json_object_get(r, "again"));
        puts(again ? _(" (the address is dead, if it is said again after a day)")
             : json_is_true(json_object_get(r, "hard")) ? _(" (the address is dead)")
                                                        : "");
    }
}

void classify_show(struct cmd *c, const json_t *verdict)
{
    printf("  %s (%s)\n", classify_class(c, json_text(verdict, "class")), json_text(verdict, "rule"));
    const json_t *calendar = json_object_get(verdict, "calendar"),
                 *intent = json_object_get(verdict, "intent"), *e;
    if (calendar)
        printf("    %s  %s %s\n", json_text(calendar, "attendee"), json_text(calendar, "method"),
               json_text(calendar, "partstat"));
    show_recipients(c, json_object_get(verdict, "recipients"));
    if (intent && strcmp(json_text(intent, "proposal"), "none"))
        printf(_("    seems to answer: %s\n"), _(json_text(intent, "proposal")));
    size_t i;
    json_array_foreach(json_object_get(verdict, "evidence"), i, e)
        printf("    %s: %.*s\n", json_text(e, "where"), EVIDENCE_WIDTH, json_text(e, "text"));
}
