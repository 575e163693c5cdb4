/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is asked over a line about folders, and waiting; messages are in imap_worker.c.
 */
#include <poll.h>
#include <time.h>

#include "mail/wire/imap_worker_low.h"

void worker_examine(struct worker *w, const struct imap_frame *request)
{
    struct err err = {0};
    struct imap_folder f;
    const char *name = json_string_value(json_object_get(request->head, "folder"));
    TALLOC_FREE(w->folder);
    TALLOC_FREE(w->uids);
    w->nuids = w->at = 0;
    char *wire = name ? imap_folder_name(w->mem, name) : NULL;
    if (!wire) {
        err_set(&err, ERR_INPUT, "this cannot be the name of a folder");
    } else if (worker_need_session(w, &err) == 0) {
        if (imap_session_examine(w->session, wire, &f, &err) == 0) {
            w->folder = wire;
            w->stale = false;
            w->uidvalidity = f.uidvalidity;
            worker_tell(w,
                        json_pack("{s:I, s:I, s:I, s:I}", "uidvalidity", (json_int_t)f.uidvalidity, "uidnext",
                                  (json_int_t)f.uidnext, "exists", (json_int_t)f.exists, "modseq",
                                  (json_int_t)f.modseq),
                        "", 0);
            return;
        }
        if (err.code != ERR_NOTFOUND)
            worker_drop_session(w);
    }
    talloc_free(wire);
    worker_tell_error(w, &err);
}

/* A question about the folder that is open. */
static bool has_folder(struct worker *w, struct err *err)
{
    if (!w->folder)
        err_set(err, ERR_CONFLICT, "no folder is open");
    return w->folder && worker_need_session(w, err) == 0;
}

static void tell_uids(struct worker *w, const uint32_t *uids, size_t n)
{
    worker_tell(w, json_object(), (const char *)uids, n * sizeof *uids);
}

void worker_search(struct worker *w, const struct imap_frame *request)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    uint32_t *uids = NULL;
    size_t n, i;
    json_t *value, *list = json_object_get(request->head, "addresses");
    const char **address = talloc_array(mem, const char *, json_array_size(list) + 1);
    json_array_foreach(list, i, value) address[i] = json_string_value(value);
    const struct imap_query query = {
        .first = (uint32_t)json_integer_value(json_object_get(request->head, "first")),
        .since = json_string_value(json_object_get(request->head, "since")),
        .address = address,
        .naddresses = json_array_size(list)};
    if (has_folder(w, &err)) {
        if (imap_session_search(w->session, mem, &query, &uids, &n, &err) == 0) {
            w->stale = false;
            tell_uids(w, uids, n);
            return;
        }
        worker_drop_session(w);
    }
    worker_tell_error(w, &err);
}

void worker_vanished(struct worker *w, const struct imap_frame *request)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    uint32_t *ends = NULL;
    size_t n;
    uint64_t modseq = (uint64_t)json_integer_value(json_object_get(request->head, "modseq"));
    if (has_folder(w, &err)) {
        if (imap_session_vanished(w->session, mem, modseq, &ends, &n, &err) == 0) {
            tell_uids(w, ends, 2 * n);
            return;
        }
        worker_drop_session(w);
    }
    worker_tell_error(w, &err);
}

void worker_special(struct worker *w, const struct imap_frame *request)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    char *name = NULL;
    const char *use = json_string_value(json_object_get(request->head, "use"));
    int rc = worker_need_session(w, &err);
    if (rc == 0 && (rc = imap_session_special(w->session, mem, use ? use : "", &name, &err)) < 0)
        worker_drop_session(w);
    if (rc < 0)
        worker_tell_error(w, &err);
    else
        worker_tell(w, json_pack("{s:s?}", "folder", name ? imap_folder_text(mem, name) : NULL), "", 0);
}

/* ---- waiting */

static int64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static void end_wait(struct worker *w, int news, struct err *err)
{
    w->waiting = false;
    int more = news < 0 ? -1 : imap_session_wait_end(w->session, err);
    if (more >= 0) {
        worker_tell(w, json_pack("{s:b}", "news", news || more), "", 0);
        return;
    }
    worker_drop_session(w);
    worker_tell_error(w, err);
}

/* The answer comes when there is one. */
void worker_wait(struct worker *w, const struct imap_frame *request)
{
    struct err err = {0};
    if (!has_folder(w, &err)) {
        worker_tell_error(w, &err);
        return;
    }
    w->until = now_s() + json_integer_value(json_object_get(request->head, "timeout_s"));
    w->waiting = true;
    int news = w->stale ? 1 : imap_session_wait_begin(w->session, &err);
    if (news != 0)
        end_wait(w, news, &err);
}

void worker_look(struct worker *w)
{
    struct err err = {0};
    struct pollfd line = {w->line, POLLIN, 0};
    bool asked = poll(&line, 1, 0) > 0;
    int news = imap_session_wait_look(w->session, &err);
    if (news != 0 || asked || now_s() >= w->until)
        end_wait(w, news, &err);
}
