/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A session on libetpan, inside the worker.  What comes up to the login (greeting, CAPABILITY, STARTTLS,
 * imap_login.c) is read by hand, so that nobody but a server with a good certificate reaches libetpan's
 * parser; then libetpan is given a greeting of our making.
 *
 * After any error but a plain NO the stream may be out of step with the parser, so the session is given up.
 */
#include "mail/wire/imap_session_low.h"

/* Says "x COMMAND" and reads to its end: 1 OK, 0 NO or BAD. `line` is the last one; `untagged` gets the last
 * that begins with the prefix. */
static int say(struct imap_session *s, const char *command, const char *prefix, char *untagged, char *line,
               struct err *err)
{
    char text[64];
    snprintf(text, sizeof text, "x %s\r\n", command);
    limit(s, COMMAND_BYTES);
    if (write_line(s, text, err) < 0)
        return -1;
    for (int i = 0; i < LINES_MAX; i++) {
        if (read_line(s, line, err) < 0)
            return -1;
        if (begins(line, "x "))
            return begins(line, "x OK");
        if (!begins(line, "* "))
            break;
        if (untagged && begins(line, prefix))
            snprintf(untagged, LINE_MAX_BYTES, "%s", line + strlen(prefix));
    }
    return err_set(err, ERR_AWAY, "%s: the server's answer makes no sense", command);
}

static int ask_capabilities(struct imap_session *s, struct err *err)
{
    char line[LINE_MAX_BYTES], list[LINE_MAX_BYTES] = "";
    if (say(s, "CAPABILITY", "* CAPABILITY ", list, line, err) < 0)
        return -1;
    talloc_free(s->capabilities);
    s->capabilities = talloc_asprintf(s, " %s ", list);
    return 0;
}

static int greeting(struct imap_session *s, struct err *err)
{
    char line[LINE_MAX_BYTES];
    limit(s, LINE_MAX_BYTES);
    if (read_line(s, line, err) < 0)
        return -1;
    if (begins(line, "* PREAUTH"))
        return err_set(err, ERR_CONFIG, "the server says PREAUTH, which would go around the login");
    if (begins(line, "* BYE"))
        return err_set(err, ERR_AWAY, "the server says %.200s", line + 2);
    if (!begins(line, "* OK ") && strcasecmp(line, "* OK"))
        return err_set(err, ERR_AWAY, "the server's greeting is none of IMAP");
    return 0;
}

static int start_tls(struct imap_session *s, struct err *err)
{
    char line[LINE_MAX_BYTES];
    int rc = say(s, "STARTTLS", NULL, NULL, line, err);
    if (rc == 0)
        return err_set(err, ERR_CONFIG,
                       "STARTTLS is wanted, and the server refuses it (stripped on the way?): %.200s",
                       line + 2);
    return rc < 0 ? -1 : stream_start_tls(s->stream, err);
}

/* ---- libetpan */

/* libetpan's verdict as an error: a NO of the server, or the end of the session. */
int etpan_error(struct imap_session *s, int code, enum err_code refused, const char *what, struct err *err)
{
    bool broken = code == MAILIMAP_ERROR_STREAM || code == MAILIMAP_ERROR_PARSE ||
                  code == MAILIMAP_ERROR_MEMORY || code == MAILIMAP_ERROR_FATAL ||
                  code == MAILIMAP_ERROR_PROTOCOL || code == MAILIMAP_ERROR_BAD_STATE;
    if (broken) {
        stream_explain(s->stream, err);
        return err_context(err, "%s", what);
    }
    const char *words = s->imap->imap_response ? s->imap->imap_response : "";
    const struct mailimap_response_info *info = s->imap->imap_response_info;
    if (info && info->rsp_atom && !strcasecmp(info->rsp_atom, "UNAVAILABLE"))
        refused = ERR_AWAY;
    return err_set(err, refused, "%s: the server refuses: %.*s", what, (int)strcspn(words, "\r\n"), words);
}

static void no_progress(size_t current, size_t maximum, void *context)
{
    (void)current, (void)maximum, (void)context;
}

/* Gives the stream to libetpan, behind a greeting of ours that says that we are in. */
static int hand_over(struct imap_session *s, struct err *err)
{
    static const char ours[] = "* PREAUTH hello\r\n";
    mailstream *stream = s->stream;
    if (stream->read_buffer_len + sizeof ours > stream->buffer_max_size)
        return err_set(err, ERR_AWAY, "the server answers what was not asked");
    memmove(stream->read_buffer + sizeof ours - 1, stream->read_buffer, stream->read_buffer_len);
    memcpy(stream->read_buffer, ours, sizeof ours - 1);
    stream->read_buffer_len += sizeof ours - 1;
    int r = mailimap_connect(s->imap, stream);
    if (r != MAILIMAP_NO_ERROR_AUTHENTICATED)
        bug("libetpan does not take our greeting: %d", r);
    s->imap->imap_tag = 1; /* was the login's */
    /* Without a progress function libetpan ignores the handler and keeps everything. */
    mailimap_set_progress_callback(s->imap, no_progress, no_progress, NULL);
    return 0;
}

static int session_begin(struct imap_session *s, const struct imap_options *o, struct err *err)
{
    if (greeting(s, err) < 0 || (o->stream.tls == STREAM_STARTTLS && start_tls(s, err) < 0))
        return -1;
    if (ask_capabilities(s, err) < 0 || imap_login(s->stream, s->capabilities, o, err) < 0 ||
        ask_capabilities(s, err) < 0) /* IDLE may be told only now */
        return -1;
    return hand_over(s, err) < 0 ? -1 : imap_session_enable(s, err);
}

static int session_destroy(struct imap_session *s)
{
    struct err ignored = {0};
    stream_limit(s->stream, 1, 1, 0);
    if (s->imap->imap_stream && s->stream->write_buffer_len == 0)
        (void)!write_line(s, "x LOGOUT\r\n", &ignored);
    stream_cancel(s->stream); /* mailimap_free says LOGOUT too, and would wait for an answer */
    if (!s->imap->imap_stream)
        stream_close(s->stream);
    mailimap_free(s->imap); /* closes the stream that was handed over */
    return 0;
}

int imap_session_open(void *mem, const struct stream_context *tls, const struct imap_options *options,
                      struct imap_session **session_r, struct err *err)
{
    mailstream *stream;
    if (stream_open(tls, &options->stream, &stream, err) < 0)
        return -1;
    struct imap_session *s = talloc_zero(mem, struct imap_session);
    s->imap = mailimap_new(0, NULL);
    if (!s->imap)
        bug("out of memory");
    s->stream = stream;
    s->timeout_s = options->stream.timeout_s > 0 ? options->stream.timeout_s : 60;
    talloc_set_destructor(s, session_destroy);
    if (session_begin(s, options, err) < 0) {
        talloc_free(s);
        return err_context(err, "%s:%s", options->stream.host, options->stream.port);
    }
    *session_r = s;
    return 0;
}

void imap_session_close(struct imap_session *session)
{
    talloc_free(session);
}

/* ---- folders */

int imap_session_examine(struct imap_session *s, const char *name, struct imap_folder *folder_r,
                         struct err *err)
{
    uint64_t modseq = 0;
    limit(s, COMMAND_BYTES);
    int r = s->qresync ? mailimap_examine_condstore(s->imap, name, &modseq) : mailimap_examine(s->imap, name);
    if (r != MAILIMAP_NO_ERROR)
        return etpan_error(s, r, ERR_NOTFOUND, "EXAMINE", err);
    const struct mailimap_selection_info *info = s->imap->imap_selection_info;
    if (!info || !info->sel_uidvalidity)
        return err_set(err, ERR_AWAY, "EXAMINE: the server tells no UIDVALIDITY");
    *folder_r = (struct imap_folder){info->sel_uidvalidity, info->sel_uidnext, info->sel_exists, modseq};
    s->exists = info->sel_exists;
    return 0;
}

/* ---- messages */

struct fetching {
    imap_session_fn *fn;
    void *context;
};

static void take_attribute(struct imap_message *m, const struct mailimap_msg_att_static *a)
{
    switch (a->att_type) {
    case MAILIMAP_MSG_ATT_UID:
        m->uid = a->att_data.att_uid;
        break;
    case MAILIMAP_MSG_ATT_RFC822_SIZE:
        if (!m->bytes)
            m->size = a->att_data.att_rfc822_size;
        break;
    case MAILIMAP_MSG_ATT_BODY_SECTION:
        m->bytes = a->att_data.att_body_section->sec_body_part;
        if (m->bytes)
            m->size = a->att_data.att_body_section->sec_length;
        break;
    default:
        break;
    }
}

static void take_message(struct mailimap_msg_att *att, void *context)
{
    const struct fetching *f = context;
    struct imap_message m = {.size = IMAP_SIZE_UNKNOWN};
    for (clistiter *i = clist_begin(att->att_list); i; i = clist_next(i)) {
        const struct mailimap_msg_att_item *item = clist_content(i);
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
            take_attribute(&m, item->att_data.att_static);
    }
    if (m.uid)
        f->fn(f->context, &m);
}

static struct mailimap_fetch_type *what_to_fetch(bool bodies)
{
    struct mailimap_fetch_type *type = mailimap_fetch_type_new_fetch_att_list_empty();
    mailimap_fetch_type_new_fetch_att_list_add(type, mailimap_fetch_att_new_uid());
    mailimap_fetch_type_new_fetch_att_list_add(type, mailimap_fetch_att_new_rfc822_size());
    if (bodies)
        mailimap_fetch_type_new_fetch_att_list_add(
            type, mailimap_fetch_att_new_body_peek_section(mailimap_section_new(NULL)));
    return type;
}

static struct mailimap_set *set_of(const uint32_t *uids, size_t n)
{
    struct mailimap_set *set = mailimap_set_new_empty();
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && uids[end] == uids[end - 1] + 1; end++)
            ;
        mailimap_set_add_interval(set, uids[i], uids[end - 1]);
    }
    return set;
}

int imap_session_fetch(struct imap_session *s, const uint32_t *uids, size_t n, bool bodies,
                       size_t expected_bytes, imap_session_fn *fn, void *context, struct err *err)
{
    struct fetching f = {fn, context};
    struct mailimap_set *set = set_of(uids, n);
    struct mailimap_fetch_type *type = what_to_fetch(bodies);
    clist *kept = NULL;
    limit(s, COMMAND_BYTES + 2 * expected_bytes);
    mailimap_set_msg_att_handler(s->imap, take_message, &f);
    int r = mailimap_uid_fetch(s->imap, set, type, &kept);
    mailimap_set_msg_att_handler(s->imap, NULL, NULL);
    if (r == MAILIMAP_NO_ERROR && kept)
        mailimap_fetch_list_free(kept);
    mailimap_fetch_type_free(type);
    mailimap_set_free(set);
    return r == MAILIMAP_NO_ERROR ? 0 : etpan_error(s, r, ERR_AWAY, "UID FETCH", err);
}

struct pouring {
    imap_piece_fn *fn;
    void *context;
    bool there, failed;
    struct err why;
};

static bool pour_piece(int type, struct mailimap_msg_att_body_section *section, const char *bytes, size_t len,
                       void *context)
{
    struct pouring *p = context;
    (void)type, (void)section;
    p->failed = p->failed || p->fn(p->context, bytes, len, &p->why) < 0;
    return !p->failed;
}

/* What did not come as a literal is whole here. */
static void pour_rest(void *context, const struct imap_message *m)
{
    struct pouring *p = context;
    p->there = p->there || m->size != IMAP_SIZE_UNKNOWN;
    if (m->bytes)
        pour_piece(0, NULL, m->bytes, m->size, p);
}

int imap_session_pour(struct imap_session *s, const struct imap_message *message, imap_piece_fn *fn,
                      void *context, struct err *err)
{
    struct pouring p = {.fn = fn, .context = context};
    mailimap_set_msg_body_handler(s->imap, pour_piece, &p);
    int rc = imap_session_fetch(s, &message->uid, 1, true, message->size, pour_rest, &p, err);
    mailimap_set_msg_body_handler(s->imap, NULL, NULL);
    if (p.failed) {
        *err = p.why;
        return -1;
    }
    return rc < 0 ? -1 : p.there;
}
