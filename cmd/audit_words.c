/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/audit_words.h"

#include "reports/register_table.h"

static const struct register_word nouns[] = {
    {"address", N_("e-mail address")},
    {"answer", N_("answer")},
    {"consent", N_("consent")},
    {"contact", N_("contact")},
    {"contact_category", N_("category")},
    {"contact_department", N_("sharing")},
    {"contact_detail", N_("detail")},
    {"contact_export", N_("list handed out")},
    {"contact_name", N_("name")},
    {"contact_note", N_("note")},
    {"contact_tag", N_("tag")},
    {"correction", N_("corrected verdict")},
    {"department", N_("department")},
    {"erased", N_("erasure")},
    {"event", N_("event")},
    {"event_text", N_("words of an event")},
    {"import", N_("import")},
    {"mail_list", N_("mailing list")},
    {"mailing", N_("mailing")},
    {"mailing_text", N_("text of a mailing")},
    {"meeting", N_("meeting")},
    {"message", N_("message")},
    {"outbox", N_("letter")},
    {"phone", N_("phone")},
    {"post", N_("post")},
    {"post_name", N_("name of a post")},
    {"postal_address", N_("postal address")},
    {"register", N_("register")},
    {"retention_report", N_("report of what is due for erasure")},
    {"retention_rule", N_("rule of retention")},
    {"segment", N_("segment")},
    {"share_request", N_("request to share")},
    {"staff", N_("user")},
    {"staff_department", N_("department of a user")},
    {"term", N_("term of a post")},
    {"thread", N_("thread")},
    {"thread_apart", N_("threads taken apart")},
    {0},
};

static const struct register_word deeds[] = {
    {"INSERT", N_("new")},
    {"UPDATE", N_("changed")},
    {"DELETE", N_("removed")},
    {"IMPORT", N_("came in")},
    {"EXPORT", N_("handed out")},
    {"SENT", N_("written to them")},
    {"RECEIVED", N_("written by them")},
    {0},
};

static const struct register_word fields[] = {
    {"address", N_("address")},
    {"answer", N_("answer")},
    {"asked_at", N_("asked on")},
    {"asked_by", N_("asked by")},
    {"at", N_("date")},
    {"basis", N_("basis")},
    {"body", N_("text")},
    {"category", N_("category")},
    {"category_id", N_("category")},
    {"city", N_("city")},
    {"contact_id", N_("contact")},
    {"country", N_("country")},
    {"decided_at", N_("decided on")},
    {"decided_by", N_("decided by")},
    {"department", N_("department")},
    {"department_id", N_("department")},
    {"disabled_at", N_("disabled")},
    {"during", N_("time")},
    {"e164", N_("number")},
    {"email", N_("e-mail")},
    {"employees", N_("employees")},
    {"ends_at", N_("end")},
    {"event_id", N_("event")},
    {"field", N_("detail")},
    {"formality", N_("formality")},
    {"gender", N_("gender")},
    {"given", N_("given")},
    {"granted", N_("granted")},
    {"holder_id", N_("holder")},
    {"how", N_("how")},
    {"import_id", N_("import")},
    {"in_office_since", N_("in office since")},
    {"kind", N_("kind")},
    {"known", N_("known")},
    {"language", N_("language")},
    {"languages", N_("languages")},
    {"last_contact", N_("last contact")},
    {"lines", N_("address")},
    {"list_id", N_("mailing list")},
    {"login", N_("user")},
    {"mailing_id", N_("mailing")},
    {"main", N_("main name")},
    {"merged_into", N_("merged into")},
    {"message_id", N_("message")},
    {"name", N_("name")},
    {"note", N_("note")},
    {"number", N_("number")},
    {"organisation", N_("organisation")},
    {"organisation_id", N_("organisation")},
    {"owner", N_("relationship of")},
    {"owner_id", N_("relationship of")},
    {"pause_reason", N_("why it pauses")},
    {"person", N_("person")},
    {"phone", N_("phone")},
    {"place", N_("place")},
    {"position", N_("place in the order")},
    {"post_id", N_("post")},
    {"postcode", N_("postcode")},
    {"precedence", N_("precedence")},
    {"private", N_("private")},
    {"question", N_("question")},
    {"rank", N_("rank")},
    {"ready", N_("ready")},
    {"reason", N_("reason")},
    {"refused", N_("refused")},
    {"registration", N_("registration number")},
    {"released_at", N_("released on")},
    {"released_by", N_("released by")},
    {"reply_by", N_("reply by")},
    {"role", N_("role")},
    {"salutation", N_("own salutation")},
    {"salutation_language", N_("language of it")},
    {"slug", N_("short name")},
    {"staff_id", N_("user")},
    {"starts_at", N_("begin")},
    {"state", N_("state")},
    {"subject", N_("subject")},
    {"tag", N_("tag")},
    {"thread_id", N_("thread")},
    {"title", N_("title")},
    {"to_check", N_("to check")},
    {"turnover", N_("turnover")},
    {"typed", N_("number as typed")},
    {"value", N_("value")},
    {"village", N_("village")},
    {"why", N_("reason")},
    {0},
};

static const char *find(struct cmd *c, const struct register_word *words, const char *key, size_t len)
{
    while (words->key && (strncmp(words->key, key, len) || words->key[len]))
        words++;
    return words->key ? _(words->text) : NULL;
}

const char *audit_noun(struct cmd *c, const char *object)
{
    size_t len = strcspn(object, " ");
    const char *noun = find(c, nouns, object, len);
    return noun ? talloc_asprintf(c->mem, "%s%s", noun, object + len) : object;
}

const char *audit_field(struct cmd *c, const char *field)
{
    const char *word = find(c, fields, field, strlen(field));
    return word ? word : field;
}

const char *audit_detail(struct cmd *c, const char *field)
{
    return !strcmp(field, "form") ? _("legal form") : audit_field(c, field); /* of a consent it is a paper */
}

const char *audit_deed(struct cmd *c, const char *action, const char *object, int64_t rows)
{
    const char *deed = find(c, deeds, action, strlen(action));
    char *text = talloc_asprintf(c->mem, "%s: %s", audit_noun(c, object), deed ? deed : action);
    return rows == 1 ? text : talloc_asprintf(c->mem, "%s (%lld)", text, (long long)rows);
}

/* What is yes or no, and the store's own words. */
static const char *value_text(struct cmd *c, const char *field, const char *s)
{
    static const char *const worded[] = {"state", "kind", "answer", "how", "basis", "formality", "role"};
    for (size_t i = 0; i < ARRAY_LEN(worded); i++)
        if (!strcmp(field, worded[i]))
            return _(s);
    if (!strcmp(field, "list_id") && !strcmp(s, "*"))
        return _("all bulk mail");
    if (!strcmp(s, "true"))
        return _("yes");
    if (!strcmp(s, "false"))
        return _("no");
    return s;
}

const char *audit_changes_text(struct cmd *c, const json_t *changes)
{
    struct text t = text_new(c->mem);
    size_t i;
    json_t *change;
    json_array_foreach(changes, i, change)
    {
        const char *field = json_string_value(json_object_get(change, "field")),
                   *from = json_string_value(json_object_get(change, "from")),
                   *to = json_string_value(json_object_get(change, "to"));
        text_printf(&t, "%s%s: %s", i ? "; " : "", audit_field(c, field),
                    from ? value_text(c, field, from) : "");
        if (from && to)
            text_puts(&t, " → ");
        text_puts(&t, to ? value_text(c, field, to) : from ? " →" : "");
    }
    return t.s;
}
