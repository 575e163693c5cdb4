/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar classify --again: what is kept, judged by the rules of now.  Shows what would be another verdict,
 * or with --apply what is.
 */
#include "cmd/classify.h"

#include "base/json_text.h"
#include "cmd/inbox_open.h"
#include "mail/inbox_again.h"

static json_t *verdict_json(const char *class, const char *rule)
{
    return class ? json_pack("{s:s, s:s?}", "class", class, "rule", rule) : json_null();
}

static void show_json(const struct inbox_change *change)
{
    const json_t *v = change->verdict;
    json_t *line = json_pack("{s:I, s:s, s:s, s:s, s:o}", "id", (json_int_t)change->id, "date", change->date,
                             "from", change->from_address, "subject", change->subject, "was",
                             verdict_json(change->class_was, change->rule_was));
    if (v)
        json_object_set_new(line, "now",
                            json_pack("{s:s, s:s, s:O}", "class", json_text_or_null(v, "class"), "rule",
                                      json_text_or_null(v, "rule"), "evidence",
                                      json_object_get(v, "evidence")));
    else
        json_object_set_new(line, "error", cmd_json_text(change->why));
    json_object_set_new(line, "reply_text", json_boolean(change->text));
    cmd_print_json(line);
}

static void show_change(void *context, const struct inbox_change *change)
{
    struct cmd *c = context;
    if (c->json) {
        show_json(change);
        return;
    }
    printf("%lld  %s  %s  %s\n", (long long)change->id, change->date, change->from_address, change->subject);
    if (change->class_was)
        printf(_("  was: %s (%s)\n"), classify_class(c, change->class_was),
               change->rule_was ? change->rule_was : "");
    else
        puts(_("  could not be parsed before"));
    if (!change->verdict) {
        printf("  %s\n", change->why);
        return;
    }
    classify_show(c, change->verdict);
    if (change->text)
        puts(_("    its new text is cut otherwise"));
}

int classify_again(struct cmd *c, const struct classify_period *period)
{
    struct err err;
    struct inbox inbox;
    struct inbox_again_sum sum;
    struct inbox_again again = {.apply = period->apply};
    char from[11], to[11];
    if (cmd_day(period->from, "from", from, &again.from, &err) < 0 ||
        cmd_day(period->to, "to", to, &again.to, &err) < 0)
        return cmd_fail(c, &err);
    int rc = cmd_inbox_open(c, &inbox, &err);
    if (rc == 0)
        rc = inbox_judge_again(&inbox, &again, show_change, c, &sum, &err);
    cmd_inbox_close(&inbox);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:I, s:I, s:I, s:b}", "judged", (json_int_t)sum.judged, "changed",
                                 (json_int_t)sum.changed, "unreadable", (json_int_t)sum.unreadable, "waiting",
                                 (json_int_t)sum.waiting, "applied", again.apply));
    else
        printf(again.apply
                   ? _("%ld judged again, %ld changed, %ld not readable, %ld in use elsewhere\n")
                   : _("%ld judged again, %ld would change, %ld not readable, %ld in use elsewhere\n"),
               sum.judged, sum.changed, sum.unreadable, sum.waiting);
    return (sum.changed && !again.apply) || sum.waiting ? EXIT_LOOK : 0;
}
