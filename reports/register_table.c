/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/register_table.h"

#include "base/catalog.h"

/* ---- words */

static const struct register_word categories[] = {
    {"NGO", N_("NGO")},
    {"Business", N_("Business")},
    {"Donor", N_("Donor")},
    {"Investor", N_("Investor")},
    {"Diaspora club", N_("Diaspora club")},
    {"Partner city", N_("Partner city")},
    {"Ministry", N_("Ministry")},
    {"Agency", N_("Agency")},
    {"Municipality", N_("Municipality")},
    {"Diplomatic mission", N_("Diplomatic mission")},
    {"International organisation", N_("International organisation")},
    {"Media", N_("Media")},
    {"Village council", N_("Village council")},
    {"Religious community", N_("Religious community")},
    {"Education", N_("Education")},
    {"Culture", N_("Culture")},
    {"Sport", N_("Sport")},
    {"Public enterprise", N_("Public enterprise")},
    {"Farmer", N_("Farmer")},
    {"Other", N_("Other")},
    {0},
};

static const struct register_word languages[] = {
    {"sq", N_("Albanian")},
    {"sr", N_("Serbian")},
    {"sr-Latn", N_("Serbian (Latin)")},
    {"sr-Cyrl", N_("Serbian (Cyrillic)")},
    {"en", N_("English")},
    {"de", N_("German")},
    {"pl", N_("Polish")},
    {"fr", N_("French")},
    {"it", N_("Italian")},
    {"tr", N_("Turkish")},
    {0},
};

static const struct register_word address_states[] = {
    {"unverified", N_("not tried yet")},
    {"good", N_("good")},
    {"soft", N_("failed lately")},
    {"held", N_("held")},
    {"dead", N_("dead")},
    {"replaced", N_("replaced")},
    {0},
};

static const struct register_word contact_states[] = {
    {"active", N_("active")},       {"left", N_("has left")},     {"deceased", N_("deceased")},
    {"dissolved", N_("dissolved")}, {"archived", N_("archived")}, {0},
};

static const struct register_word contact_kinds[] = {
    {"person", N_("Person")}, {"organisation", N_("Organisation")}, {0}};

static const struct register_word channels[] = {{"email", N_("E-mail")}, {"paper", N_("Paper")}, {0}};

static const struct register_word directions[] = {{"in", N_("In")}, {"out", N_("Out")}, {0}};

/* What a letter is: of ours the kind of its mailing, of others what was found in it. */
static const struct register_word kinds[] = {
    {"letter", N_("Letter")},
    {"invitation", N_("Invitation")},
    {"newsletter", N_("Newsletter")},
    {"press-release", N_("Press release")},
    {"notice", N_("Official notice")},
    {"survey", N_("Survey")},
    {"greeting", N_("Greeting")},
    {"update", N_("Change of the event")},
    {"cancel", N_("Cancellation of the event")},
    {"remind", N_("Reminder")},
    {"thank", N_("Thanks for the answer")},
    {"human", N_("Letter")},
    {"auto-reply", N_("Automatic reply")},
    {"bounce", N_("Notice: undeliverable")},
    {"delay", N_("Notice: delayed")},
    {"delivered", N_("Notice: delivered")},
    {"complaint", N_("Spam complaint")},
    {"calendar", N_("Calendar answer")},
    {"unsubscribe", N_("Unsubscription")},
    {"disposition", N_("Reading receipt")},
    {"own", N_("Letter of ours")},
    {"not judged", N_("Not read yet")},
    {0},
};

/* What became of it: of a recipient of ours, then of a letter to us. */
const struct register_word register_outcomes[] = {
    {"held", N_("held back")},
    {"queued", N_("waiting to be sent")},
    {"claimed", N_("being sent")},
    {"submitting", N_("being sent")},
    {"accepted", N_("sent")},
    {"deferred", N_("put off by the server, is tried again")},
    {"refused", N_("refused by the server")},
    {"unknown", N_("unknown whether it was sent")},
    {"left", N_("unknown whether it was sent, left so")},
    {"delivered", N_("delivered")},
    {"bounced", N_("came back as undeliverable")},
    {"expired", N_("expired")},
    {"cancelled", N_("cancelled")},
    {"excluded", N_("left out")},
    {"printed", N_("printed on paper")},
    {"sent", N_("sent")},
    {"new", N_("new")},
    {"filed", N_("filed")},
    {"decide", N_("to be decided")},
    {"answered", N_("answered")},
    {"ignored", N_("needs no answer")},
    {"parked", N_("set aside")},
    {0},
};

const struct register_word register_answers[] = {
    {"accepted", N_("comes")},     {"declined", N_("does not come")},
    {"tentative", N_("perhaps")},  {"delegated", N_("sends someone else")},
    {"question", N_("asks")},      {"proposed", N_("to be confirmed")},
    {"none", N_("no answer yet")}, {0},
};

static const struct register_word answer_states[] = {
    {"proposed", N_("proposed")},
    {"confirmed", N_("confirmed")},
    {0},
};

static const struct register_word answered_by[] = {
    {"calendar", N_("calendar")}, {"words", N_("letter")},           {"person", N_("staff")},
    {"phone", N_("phone")},       {"letter", N_("letter on paper")}, {0},
};

const struct register_word register_calls[] = {
    {"no-address", N_("no e-mail address")},
    {"bounced", N_("came back as undeliverable")},
    {"refused", N_("refused by the server")},
    {"expired", N_("not sent in time")},
    {"overtaken", N_("stopped when the event changed")},
    {"silent", N_("no answer yet")},
    {0},
};

const struct register_word register_reasons[] = {{0}};
const struct register_word register_parts[] = {
    {"state", N_("Outcome")},
    {"answer", N_("Answer")},
    {"all", N_("Total")},
    {0},
};

/* ---- registers */

static const struct register_column contacts[] = {
    {"id", N_("No."), SHEET_NUMBER, 0, NULL},
    {"name", N_("Name"), SHEET_TEXT, 34, NULL},
    {"organisation", N_("Organisation"), SHEET_TEXT, 32, NULL},
    {"position", N_("Position"), SHEET_TEXT, 26, NULL},
    {"category", N_("Category"), SHEET_TEXT, 18, categories},
    {"languages", N_("Language"), SHEET_TEXT, 14, languages},
    {"salutation", N_("Salutation"), SHEET_TEXT, 26, NULL},
    {"emails", N_("E-mail"), SHEET_LINK, 34, NULL},
    {"email_states", N_("E-mail state"), SHEET_TEXT, 14, address_states},
    {"phones", N_("Phone"), SHEET_TEXT, 18, NULL},
    {"postal", N_("Address"), SHEET_TEXT, 26, NULL},
    {"city", N_("City"), SHEET_TEXT, 16, NULL},
    {"country", N_("Country"), SHEET_TEXT, 14, NULL},
    {"departments", N_("Department"), SHEET_TEXT, 22, NULL},
    {"precedence", N_("Precedence"), SHEET_TEXT, 12, NULL},
    {"note", N_("Note"), SHEET_TEXT, 40, NULL},
    {"state", N_("State"), SHEET_TEXT, 12, contact_states},
    {"since", N_("Since"), SHEET_DATE, 0, NULL},
    {"list", N_("From list (row)"), SHEET_TEXT, 24, NULL},
};

/* What goes out to be edited and to come back: all that an import understands, each in a column of its own.
 */
static const struct register_column exchange[] = {
    {"id", N_("No."), SHEET_NUMBER, 0, NULL},
    {"kind", N_("Kind"), SHEET_TEXT, 14, contact_kinds},
    {"name", N_("Name"), SHEET_TEXT, 34, NULL},
    {"organisation", N_("Organisation"), SHEET_TEXT, 32, NULL},
    {"position", N_("Position"), SHEET_TEXT, 26, NULL},
    {"category", N_("Category"), SHEET_TEXT, 18, categories},
    {"languages", N_("Language"), SHEET_TEXT, 14, languages},
    {"salutation", N_("Salutation"), SHEET_TEXT, 26, NULL},
    {"gender", N_("Gender"), SHEET_TEXT, 8, NULL},
    {"title", N_("Title"), SHEET_TEXT, 14, NULL},
    {"live_emails", N_("E-mail"), SHEET_LINK, 34, NULL},
    {"live_states", N_("E-mail state"), SHEET_TEXT, 14, address_states},
    {"phones", N_("Phone"), SHEET_TEXT, 18, NULL},
    {"postal", N_("Address"), SHEET_TEXT, 26, NULL},
    {"city", N_("City"), SHEET_TEXT, 16, NULL},
    {"country", N_("Country"), SHEET_TEXT, 14, NULL},
    {"departments", N_("Department"), SHEET_TEXT, 22, NULL},
    {"precedence", N_("Precedence"), SHEET_TEXT, 12, NULL},
    {"tags", N_("Tags"), SHEET_TEXT, 16, NULL},
    {"owner", N_("Cared for by"), SHEET_TEXT, 14, NULL},
    {"note", N_("Note"), SHEET_TEXT, 40, NULL},
    {"state", N_("State"), SHEET_TEXT, 12, contact_states},
    {"registration", N_("Registration number"), SHEET_TEXT, 16, NULL},
    {"form", N_("Legal form"), SHEET_TEXT, 12, NULL},
    {"employees", N_("Employees"), SHEET_NUMBER, 0, NULL},
    {"turnover", N_("Turnover"), SHEET_NUMBER, 0, NULL},
    {"last_contact", N_("Last contact"), SHEET_DATE, 0, NULL},
    {"since", N_("Since"), SHEET_DATE, 0, NULL},
};

static const struct register_column meetings[] = {
    {"held_on", N_("Date"), SHEET_DATE, 0, NULL},
    {"held_at", N_("Time"), SHEET_TIME, 0, NULL},
    {"place", N_("Place"), SHEET_TEXT, 26, NULL},
    {"subject", N_("Subject"), SHEET_TEXT, 40, NULL},
    {"chair", N_("Chair"), SHEET_TEXT, 24, NULL},
    {"attendees", N_("Present"), SHEET_TEXT, 40, NULL},
    {"minutes", N_("Minutes"), SHEET_TEXT, 70, NULL},
    {"language", N_("Language"), SHEET_TEXT, 14, languages},
    {"department", N_("Department"), SHEET_TEXT, 22, NULL},
};

static const struct register_column letters[] = {
    {"number", N_("No."), SHEET_NUMBER, 0, NULL},
    {"at", N_("Date and time"), SHEET_STAMP, 0, NULL},
    {"direction", N_("In/out"), SHEET_TEXT, 8, directions},
    {"channel", N_("Channel"), SHEET_TEXT, 8, channels},
    {"correspondent", N_("Correspondent"), SHEET_TEXT, 30, NULL},
    {"organisation", N_("Organisation"), SHEET_TEXT, 30, NULL},
    {"address", N_("E-mail"), SHEET_LINK, 32, NULL},
    {"subject", N_("Subject"), SHEET_TEXT, 44, NULL},
    {"kind", N_("Kind"), SHEET_TEXT, 18, kinds},
    {"mailing", N_("Mailing"), SHEET_TEXT, 26, NULL},
    {"event", N_("Event"), SHEET_TEXT, 26, NULL},
    {"outcome", N_("Outcome"), SHEET_TEXT, 20, register_outcomes},
    {"detail", N_("Details"), SHEET_TEXT, 36, register_reasons},
    {"answer", N_("Answer"), SHEET_TEXT, 14, register_answers},
    {"department", N_("Department"), SHEET_TEXT, 20, NULL},
    {"message_id", N_("Message-ID"), SHEET_CODE, 0, NULL},
};

static const struct register_column mailing[] = {
    {"name", N_("Name"), SHEET_TEXT, 32, NULL},
    {"organisation", N_("Organisation"), SHEET_TEXT, 30, NULL},
    {"channel", N_("Channel"), SHEET_TEXT, 8, channels},
    {"email", N_("E-mail"), SHEET_LINK, 32, NULL},
    {"language", N_("Language"), SHEET_TEXT, 14, languages},
    {"state", N_("Outcome"), SHEET_TEXT, 22, register_outcomes},
    {"reason", N_("Reason"), SHEET_TEXT, 24, register_reasons},
    {"enhanced", N_("Code"), SHEET_TEXT, 8, NULL},
    {"server", N_("Server"), SHEET_CODE, 0, NULL},
    {"reply", N_("Server's words"), SHEET_TEXT, 40, NULL},
    {"sent_at", N_("Sent"), SHEET_STAMP, 0, NULL},
    {"answer", N_("Answer"), SHEET_TEXT, 16, register_answers},
    {"answer_state", N_("Confirmed"), SHEET_TEXT, 12, answer_states},
    {"answer_by", N_("Known from"), SHEET_TEXT, 12, answered_by},
    {"answer_at", N_("Answered"), SHEET_STAMP, 0, NULL},
    {"words", N_("In their words"), SHEET_TEXT, 70, NULL},
    {"message_id", N_("Message-ID"), SHEET_CODE, 0, NULL},
};

static const struct register_column event[] = {
    {"name", N_("Name"), SHEET_TEXT, 34, NULL},
    {"organisation", N_("Organisation"), SHEET_TEXT, 32, NULL},
    {"position", N_("Position"), SHEET_TEXT, 26, NULL},
    {"email", N_("E-mail"), SHEET_LINK, 34, NULL},
    {"language", N_("Language"), SHEET_TEXT, 14, languages},
    {"mailing", N_("Mailing"), SHEET_TEXT, 24, NULL},
    {"state", N_("Invitation"), SHEET_TEXT, 22, register_outcomes},
    {"answer", N_("Answer"), SHEET_TEXT, 16, register_answers},
    {"answer_before", N_("Before it moved"), SHEET_TEXT, 16, register_answers},
    {"persons", N_("Persons"), SHEET_NUMBER, 0, NULL},
    {"instead", N_("Comes instead"), SHEET_TEXT, 26, NULL},
    {"answer_state", N_("Confirmed"), SHEET_TEXT, 12, answer_states},
    {"answer_by", N_("Known from"), SHEET_TEXT, 12, answered_by},
    {"answer_at", N_("Answered"), SHEET_STAMP, 0, NULL},
    {"words", N_("In their words"), SHEET_TEXT, 70, NULL},
};

/* With an empty column for what was said on the phone. */
static const struct register_column calls[] = {
    {"contact_id", N_("No."), SHEET_NUMBER, 0, NULL},
    {"name", N_("Name"), SHEET_TEXT, 34, NULL},
    {"organisation", N_("Organisation"), SHEET_TEXT, 32, NULL},
    {"phones", N_("Phone"), SHEET_TEXT, 22, NULL},
    {"language", N_("Language"), SHEET_TEXT, 14, languages},
    {"why", N_("What happened"), SHEET_TEXT, 24, register_calls},
    {"detail", N_("Details"), SHEET_TEXT, 36, register_reasons},
    {"result", N_("Result"), SHEET_TEXT, 40, NULL},
};

static const struct register_column sums[] = {
    {"part", N_("Sum of"), SHEET_TEXT, 20, NULL},
    {"word", N_("Value"), SHEET_TEXT, 40, NULL},
    {"number", N_("Number"), SHEET_NUMBER, 0, NULL},
};

#define COLUMNS(c) c, ARRAY_LEN(c)
static const struct register_table tables[] = {
    {"contacts", N_("Register of contacts"), REGISTER_PERIOD | REGISTER_DEPARTMENT | REGISTER_ORDER, 2,
     COLUMNS(contacts)},
    {"meetings", N_("Register of meetings"), REGISTER_PERIOD | REGISTER_DEPARTMENT, 2, COLUMNS(meetings)},
    {"letters", N_("Register of letters"), REGISTER_PERIOD | REGISTER_DEPARTMENT, 2, COLUMNS(letters)},
    {"mailing", N_("Mailing"), REGISTER_MAILING | REGISTER_ORDER, 1, COLUMNS(mailing)},
    {"event", N_("Guest list"), REGISTER_EVENT | REGISTER_ORDER, 1, COLUMNS(event)},
};
const struct register_table register_table_exchange = {"exchange", N_("Contacts"), 0, 3, COLUMNS(exchange)};
const struct register_table register_table_calls = {"calls", N_("Call list"), 0, 2, COLUMNS(calls)};
const struct register_table register_table_sums = {"sums", N_("Summary"), 0, 0, COLUMNS(sums)};

const struct register_table *register_table_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (!strcmp(tables[i].name, name))
            return &tables[i];
    return NULL;
}
