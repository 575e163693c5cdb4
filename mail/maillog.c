/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One pass over the files.  What is kept is what may still be asked for: letters in the queue until they are
 * removed, sessions while they are open or if they are of the time in question.
 */
#include <strings.h>

#include "base/catalog.h"
#include "base/lines.h"
#include "base/unicode.h"
#include "mail/maillog_low.h"

enum {
    ADJOINING_S = 60, /* between two files whose names do not say that they adjoin */
    EVIDENCE_MAX = 20,
    LINE_SHOWN = 400,
    CLIENTS_MAX = 256,
    NEAR_S = 3600,
};

struct maillog *maillog_new(void *mem, struct maillog_letter *letters, size_t n, const char *domain,
                            int64_t now)
{
    struct maillog *log = talloc_zero(mem, struct maillog);
    log->letters = letters;
    log->n = n;
    log->domain = talloc_asprintf(log, "@%s>", domain);
    log->clock.now = now;
    log->gaps = talloc_array(log, struct maillog_gap, 0);
    log->clients = talloc_array(log, struct maillog_client, 0);
    for (size_t i = 0; i < n; i++) {
        int64_t from = letters[i].begun - MAILLOG_SKEW_S, to = letters[i].ended + MAILLOG_SKEW_S;
        log->earliest = !i || from < log->earliest ? from : log->earliest;
        log->latest = !i || to > log->latest ? to : log->latest;
        letters[i].lines = talloc_array(log, const char *, 0);
    }
    return log;
}

static char *shown(void *mem, const char *line)
{
    char *s = talloc_strndup(mem, line, LINE_SHOWN);
    if (!unicode_valid_utf8(s, strlen(s)))
        for (char *p = s; *p; p++)
            *p = (signed char)*p < 0 ? '?' : *p;
    return s;
}

static void add_evidence(struct maillog *log, struct maillog_letter *l, const char *line)
{
    size_t n = talloc_array_length(l->lines);
    if (n == EVIDENCE_MAX)
        return;
    l->lines = talloc_realloc(log, l->lines, const char *, (unsigned)n + 1);
    l->lines[n] = shown(log, line);
}

static void add_gap(struct maillog *log, int64_t from, int64_t to, const char *why)
{
    size_t n = talloc_array_length(log->gaps);
    log->gaps = talloc_realloc(log, log->gaps, struct maillog_gap, (unsigned)n + 1);
    log->gaps[n] = (struct maillog_gap){from, to, why};
}

/* ---- letters in the queue */

static struct maillog_transfer **slot_of(struct maillog *log, const char *key)
{
    unsigned h = 5381;
    for (const char *s = key; *s; s++)
        h = h * 33 + (unsigned char)*s;
    struct maillog_transfer **slot = &log->transfers[h % MAILLOG_BUCKETS];
    while (*slot && strcmp((*slot)->key, key) != 0)
        slot = &(*slot)->next;
    return slot;
}

static struct maillog_transfer *take_transfer(struct maillog *log, const char *key)
{
    struct maillog_transfer **slot = slot_of(log, key);
    if (!*slot) {
        *slot = talloc_zero(log, struct maillog_transfer);
        (*slot)->key = talloc_strdup(*slot, key);
    }
    return *slot;
}

static struct maillog_session **place_of(struct maillog_session **list, const struct maillog_session *s)
{
    while (*list && *list != s)
        list = &(*list)->next;
    return list;
}

static void forget_if_done(struct maillog *log, struct maillog_session *s)
{
    if (!s || !s->ends || s->open > 0 || (s->begins <= log->latest && s->ends >= log->earliest))
        return;
    *place_of(&log->ended, s) = s->next;
    talloc_free(s);
}

static void end_session(struct maillog *log, struct maillog_session *s, int64_t t)
{
    s->ends = t > s->begins ? t : s->begins;
    *place_of(&log->open, s) = s->next;
    s->next = log->ended;
    log->ended = s;
    forget_if_done(log, s);
}

/* Its queue id may be given to another letter from now on. */
static void end_transfer(struct maillog *log, struct maillog_transfer **slot)
{
    struct maillog_transfer *t = *slot;
    struct maillog_session *s = t->session;
    *slot = t->next;
    t->session = NULL;
    if (s)
        s->open--;
    forget_if_done(log, s);
    if (t->letter) {
        t->next = log->ours;
        log->ours = t;
    } else {
        talloc_free(t);
    }
}

/* ---- sessions */

static struct maillog_session *open_session(struct maillog *log, const char *key)
{
    struct maillog_session *s = log->open;
    while (s && strcmp(s->key, key) != 0)
        s = s->next;
    return s;
}

static void session_begins(struct maillog *log, const char *key, int64_t t, const char *text,
                           const char *line)
{
    char address[64];
    struct maillog_session *old = open_session(log, key);
    if (old) { /* the process is another one, and how the old one ended nobody has written */
        old->broken = true;
        end_session(log, old, t);
    }
    struct maillog_session *s = talloc_zero(log, struct maillog_session);
    s->key = talloc_strdup(s, key);
    s->begins = t;
    s->begin = shown(s, line);
    s->taken = s->tried = -1;
    s->address = maillog_client(text, address, sizeof address) ? talloc_strdup(s, address) : "";
    s->next = log->open;
    log->open = s;
}

/* "data=2/3": the server took two of three; "data=3": all of them. */
static void read_count(struct maillog_session *s, const char *text, const char *word)
{
    const char *at = strstr(text, word);
    if (!at)
        return;
    char *end;
    long taken = strtol(at + strlen(word), &end, 10);
    s->taken += taken;
    s->tried += *end == '/' ? strtol(end + 1, NULL, 10) : taken;
}

static void session_ends(struct maillog *log, struct maillog_session *s, int64_t t, const char *text,
                         const char *line)
{
    s->end = shown(s, line);
    if (strstr(text, " commands=")) { /* Postfix 3.0 and later */
        s->taken = s->tried = 0;
        read_count(s, text, " data=");
        read_count(s, text, " bdat=");
    }
    end_session(log, s, t);
}

static void letter_begins(struct maillog *log, struct maillog_session *s, const char *key, const char *text,
                          const char *line)
{
    char user[256];
    struct maillog_transfer **slot = slot_of(log, key);
    if (*slot && (*slot)->session)
        end_transfer(log, slot);
    struct maillog_transfer *t = take_transfer(log, key);
    t->session = s;
    t->begin = shown(t, line);
    s->open++;
    if (maillog_value(text, "sasl_username=", user, sizeof user) && !s->user)
        s->user = talloc_strdup(s, user);
}

static bool begins_with(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static void read_smtpd(struct maillog *log, const struct maillog_line *l, const char *key,
                       const char *session, int64_t t, const char *line)
{
    if (!l->queue_id && begins_with(l->text, "connect from ")) {
        session_begins(log, session, t, l->text, line);
        return;
    }
    struct maillog_session *s = open_session(log, session);
    if (!s)
        return;
    if (l->queue_id && begins_with(l->text, "client="))
        letter_begins(log, s, key, l->text, line);
    else if (!l->queue_id && begins_with(l->text, "disconnect from "))
        session_ends(log, s, t, l->text, line);
    else if (!l->queue_id &&
             (begins_with(l->text, "lost connection after ") || begins_with(l->text, "timeout after "))) {
        s->lost = shown(s, line);
        s->lost_at_dot = strstr(l->text, " after END-OF-MESSAGE") != NULL;
    }
}

/* ---- what becomes of a letter */

static struct maillog_letter *asked_for(struct maillog *log, const char *id)
{
    for (size_t i = 0; i < log->n; i++)
        if (!strcasecmp(log->letters[i].rfc_message_id, id))
            return &log->letters[i];
    return NULL;
}

/* A few of each address, and those of about the time in question. */
static void note_client(struct maillog *log, struct maillog_session *s, const char *id, int64_t at)
{
    size_t n = talloc_array_length(log->clients), seen = 0;
    bool near = at >= log->earliest - NEAR_S && at <= log->latest + NEAR_S;
    if (!s->id)
        s->id = talloc_strdup(s, id);
    for (size_t i = 0; i < n; i++)
        seen += !strcmp(log->clients[i].address, s->address);
    if ((seen > 3 && !near) || n >= CLIENTS_MAX)
        return;
    log->clients = talloc_realloc(log, log->clients, struct maillog_client, (unsigned)n + 1);
    log->clients[n] = (struct maillog_client){
        .address = talloc_strdup(log->clients, s->address), .id = talloc_strdup(log->clients, id), .at = at};
}

static void read_cleanup(struct maillog *log, const struct maillog_line *l, const char *key, int64_t at)
{
    char id[512];
    struct maillog_transfer *t = take_transfer(log, key);
    if (maillog_value(l->text, "message-id=", id, sizeof id)) {
        size_t len = strlen(id), dlen = strlen(log->domain);
        if (!t->letter && (t->letter = asked_for(log, id)) && t->begin)
            add_evidence(log, t->letter, t->begin);
        if (t->session && len > dlen && !strcasecmp(id + len - dlen, log->domain))
            note_client(log, t->session, id, at);
    }
}

static void read_qmgr(struct maillog *log, const struct maillog_line *l, const char *key)
{
    struct maillog_transfer **slot = slot_of(log, key);
    struct maillog_transfer *t = *slot;
    if (!t)
        return;
    if (begins_with(l->text, "from=") && !t->queued) {
        t->queued = true;
        if (t->session)
            t->session->queued++;
    }
    if (strstr(l->text, ", status=expired")) {
        t->status = "expired";
        t->words = shown(t, l->text);
    }
}

static bool is_recipient(const char *text, const char *email)
{
    static const char *const keys[] = {"to=", "orig_to="};
    char to[512];
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (maillog_value(text, keys[i], to, sizeof to) && *to == '<' && strlen(to) == strlen(email) + 2 &&
            !strncasecmp(to + 1, email, strlen(email)))
            return true;
    return false;
}

static void read_delivery(struct maillog *log, const struct maillog_line *l, const char *key)
{
    static const char *const known[] = {"sent", "deferred", "bounced", "expired"};
    struct maillog_transfer *t = *slot_of(log, key);
    char status[32], enhanced[32];
    if (!t || !t->letter || !maillog_value(l->text, "status=", status, sizeof status) ||
        !is_recipient(l->text, t->letter->email))
        return;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (!strcmp(status, known[i]))
            t->status = known[i];
    t->enhanced =
        maillog_value(l->text, "dsn=", enhanced, sizeof enhanced) ? talloc_strdup(t, enhanced) : NULL;
    t->words = shown(t, maillog_words(l->text));
}

static void read_line(struct maillog *log, char *rest, int64_t t, const char *line)
{
    static const char *const deliver[] = {"smtp", "lmtp", "local", "virtual", "pipe", "error", "retry"};
    struct maillog_line l;
    char key[512], session[512];
    if (!maillog_parse(rest, &l))
        return;
    snprintf(key, sizeof key, "%s %s %s", l.host, l.instance, l.queue_id ? l.queue_id : "");
    snprintf(session, sizeof session, "%s %s %ld", l.host, l.instance, l.pid);
    bool qmgr = !strcmp(l.program, "qmgr") || !strcmp(l.program, "oqmgr") || !strcmp(l.program, "nqmgr");
    if (!strcmp(l.program, "smtpd"))
        read_smtpd(log, &l, key, session, t, line);
    if (!l.queue_id)
        return;
    if (!strcmp(l.program, "cleanup"))
        read_cleanup(log, &l, key, t);
    if (qmgr)
        read_qmgr(log, &l, key);
    for (size_t i = 0; i < ARRAY_LEN(deliver); i++)
        if (!strcmp(l.program, deliver[i]))
            read_delivery(log, &l, key);
    struct maillog_transfer **slot = slot_of(log, key);
    if (*slot && (*slot)->letter)
        add_evidence(log, (*slot)->letter, line);
    if (*slot && qmgr && !strcmp(l.text, "removed"))
        end_transfer(log, slot);
}

/* ---- files */

/* syslog dropped lines, and says so. */
static bool says_lost(const char *line)
{
    return strstr(line, "begin to drop messages") || strstr(line, "messages lost due to rate-limiting") ||
           strstr(line, ": Suppressed ");
}

static int read_file(struct maillog *log, const char *path, int64_t *last_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct lines *lines;
    char *line, whole[LINE_SHOWN + 1];
    int64_t t, last = 0;
    if (lines_open(mem, path, &lines, err) < 0)
        return -1;
    int rc;
    while ((rc = lines_next(lines, &line, err)) > 0) {
        char *rest = maillog_time(&log->clock, line, &t);
        if (!rest || t < log->since)
            continue;
        if (last && t < last - MAILLOG_SKEW_S)
            add_gap(log, t, last, N_("the log's clock goes back"));
        if (says_lost(rest))
            add_gap(log, last ? last : t, t, N_("the log lost lines"));
        last = t;
        snprintf(whole, sizeof whole, "%s", line);
        read_line(log, rest, t, whole);
    }
    *last_r = last;
    return rc;
}

struct part {
    const char *path;
    int64_t first;
};

static int by_time(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* 1 with the time of the first line that has one; 0: there is none. */
static int first_time(struct maillog *log, const char *path, int64_t *first_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct lines *lines;
    char *line;
    if (lines_open(mem, path, &lines, err) < 0)
        return -1;
    int rc;
    while ((rc = lines_next(lines, &line, err)) > 0)
        if (maillog_time(&log->clock, line, first_r))
            return 1;
    return rc;
}

/* The number of mail.log.2.gz; 0 of mail.log; the length without them. */
static long rotation(const char *path, size_t *len_r)
{
    size_t len = strlen(path);
    if (len > 3 && !strcmp(path + len - 3, ".gz"))
        len -= 3;
    size_t end = len;
    while (end > 0 && path[end - 1] >= '0' && path[end - 1] <= '9')
        end--;
    bool numbered = end < len && len - end < 5 && end > 0 && path[end - 1] == '.';
    *len_r = numbered ? end - 1 : len;
    return numbered ? strtol(path + end, NULL, 10) : 0;
}

static bool adjoin(const char *before, const char *after)
{
    size_t a, b;
    long m = rotation(before, &a), n = rotation(after, &b);
    return m == n + 1 && a == b && !strncmp(before, after, a);
}

int maillog_read(struct maillog *log, const char *const *files, size_t n, int64_t since, struct err *err)
{
    MEM_SCOPE(mem);
    struct part *part = talloc_zero_array(mem, struct part, (unsigned)n);
    size_t count = 0;
    log->since = since;
    for (size_t i = 0; i < n; i++) {
        part[count].path = files[i];
        int rc = first_time(log, files[i], &part[count].first, err);
        if (rc < 0)
            return -1;
        count += (size_t)rc;
    }
    qsort(part, count, sizeof *part, by_time);
    log->first = count ? (part[0].first > since ? part[0].first : since) : 0;
    for (size_t i = 0; i < count; i++) {
        int64_t last = 0;
        if (i && part[i].first > log->last + ADJOINING_S && log->last &&
            !adjoin(part[i - 1].path, part[i].path))
            add_gap(log, log->last, part[i].first, N_("between two files of the log lines may be missing"));
        if (read_file(log, part[i].path, &last, err) < 0)
            return -1;
        log->last = last > log->last ? last : log->last;
    }
    return 0;
}

const struct maillog_client *maillog_clients(const struct maillog *log)
{
    return log->clients;
}
