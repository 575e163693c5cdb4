/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Attributes are looked at, not parsed into a tree: a value is a stretch of the tag.  Where answers may stand
 * within an element (Gmail's div around text and quotations), it has no role; what it quotes is in
 * blockquotes.
 */
#include "mail/wire/html_role.h"

#include <ctype.h>

struct value {
    const char *s;
    size_t len;
};

static bool is_blank(char c)
{
    return isspace((unsigned char)c);
}

/* The attribute at *p, moved behind it: its name's place and its value.  false at the end of the tag. */
static bool next_attribute(const char **p, const char *end, struct value *name_r, struct value *value_r)
{
    const char *s = *p;
    while (s < end && (is_blank(*s) || *s == '/'))
        s++;
    *name_r = (struct value){s, 0};
    *value_r = (struct value){s, 0};
    while (s < end && !is_blank(*s) && *s != '=' && *s != '>')
        s++;
    name_r->len = (size_t)(s - name_r->s);
    while (s < end && is_blank(*s))
        s++;
    if (s < end && *s == '=') {
        do
            s++;
        while (s < end && is_blank(*s));
        char quote = s < end && (*s == '"' || *s == '\'') ? *s++ : 0;
        value_r->s = s;
        while (s < end && (quote ? *s != quote : !is_blank(*s) && *s != '>'))
            s++;
        value_r->len = (size_t)(s - value_r->s);
        s += s < end && quote;
    }
    bool more = s > *p && name_r->len > 0;
    *p = s;
    return more;
}

static bool is(struct value v, const char *word)
{
    return v.len == strlen(word) && !strncasecmp(v.s, word, v.len);
}

static bool has(struct value v, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= v.len; i++)
        if (!strncasecmp(v.s + i, word, len))
            return true;
    return false;
}

/* One of the classes of a value, or an id. */
static bool has_name(struct value v, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= v.len; i++)
        if (!strncasecmp(v.s + i, word, len) && (i == 0 || is_blank(v.s[i - 1])) &&
            (i + len == v.len || is_blank(v.s[i + len])))
            return true;
    return false;
}

static const struct {
    const char *name;
    enum html_role role;
} names[] = {
    {"yahoo_quoted", ROLE_QUOTE},         /* Yahoo */
    {"protonmail_quote", ROLE_QUOTE},     /* Proton */
    {"OLK_SRC_BODY_SECTION", ROLE_QUOTE}, /* Outlook for Mac */
    {"moz-cite-prefix", ROLE_QUOTE},      /* Thunderbird: the introduction */
    {"airmail_on", ROLE_QUOTE},           /* Airmail: the introduction */
    {"reply-intro", ROLE_QUOTE},          /* Roundcube: the introduction */
    {"domino-section", ROLE_QUOTE},       /* Notes: a section that is folded away */
    {"divRplyFwdMsg", ROLE_REST},         /* Outlook on the web */
    {"x_divRplyFwdMsg", ROLE_REST},
    {"ms-outlook-mobile-reference-message", ROLE_REST},
    {"mail-editor-reference-message-container", ROLE_REST},
    {"stopSpelling", ROLE_REST}, /* Hotmail */
    {"zwchr", ROLE_REST},        /* Zimbra */
    {"_rc_sig", ROLE_SIGNATURE}, /* Roundcube */
};

static enum html_role role_of_name(struct value v)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (has_name(v, names[i].name))
            return names[i].role;
    return has(v, "signature") || has(v, "__SIG") ? ROLE_SIGNATURE : ROLE_NONE;
}

/* The line that Outlook draws above the header of what it quotes. */
static bool is_outlook_line(struct value style)
{
    return has(style, "border-top:solid") && has(style, "padding:3") &&
           (has(style, "#E1E1E1") || has(style, "#B5C4DF"));
}

/* Gmail and Outlook indent with blockquotes that have no border. */
static bool is_indent(struct value style)
{
    static const char *const none[] = {"border:none", "border: none", "border:0", "border: 0"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (has(style, none[i]))
            return !has(style, "border-left");
    return false;
}

enum html_role html_role(const char *tag, const char *end, bool blockquote)
{
    struct value name, value;
    enum html_role role = ROLE_NONE;
    bool indent = false, cited = false;
    const char *p = tag + 1;
    while (p < end && isalnum((unsigned char)*p))
        p++;
    while (role == ROLE_NONE && next_attribute(&p, end, &name, &value)) {
        bool class = is(name, "class"), style = is(name, "style");
        if (class || is(name, "id") || is(name, "data-marker"))
            role = role_of_name(value);
        else if (is(name, "name"))
            role = is(value, "quote") ? ROLE_QUOTE : role_of_name(value);
        else if (style && !blockquote)
            role = is_outlook_line(value) ? ROLE_REST : ROLE_NONE;
        indent = indent || (style && is_indent(value)) || (class && has(value, "indent"));
        cited = cited || is(name, "type") || is(name, "cite") || (style && has(value, "border-left")) ||
                (class && has(value, "quote") && !has(value, "indent"));
    }
    if (role != ROLE_NONE || !blockquote)
        return role;
    return cited ? ROLE_QUOTE : indent ? ROLE_NONE : ROLE_BLOCKQUOTE;
}
