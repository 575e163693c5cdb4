/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What lies in a folder, what has gone from it, and which folder is for what.
 *
 * libetpan's SELECT with QRESYNC is written so that servers ignore it; what has gone is asked for by UID
 * FETCH with CHANGEDSINCE and VANISHED (RFC 7162 3.2.6), which needs ENABLE QRESYNC once.
 */
#include "mail/wire/imap_session_low.h"

#define ANSWER_BYTES (32 << 20)

int imap_session_enable(struct imap_session *s, struct err *err)
{
    if (!can(s, "ENABLE") || !can(s, "QRESYNC"))
        return 0;
    struct mailimap_capability_data *enabled = NULL;
    clist *list = clist_new();
    clist_append(list, mailimap_capability_new(MAILIMAP_CAPABILITY_NAME, NULL, strdup("QRESYNC")));
    struct mailimap_capability_data *wanted = mailimap_capability_data_new(list);
    limit(s, COMMAND_BYTES);
    int r = mailimap_enable(s->imap, wanted, &enabled);
    mailimap_capability_data_free(wanted);
    if (r == MAILIMAP_NO_ERROR && enabled)
        mailimap_capability_data_free(enabled);
    s->qresync = r == MAILIMAP_NO_ERROR;
    if (r == MAILIMAP_NO_ERROR || r == MAILIMAP_ERROR_EXTENSION)
        return 0;
    struct err refused = {0};
    if (etpan_error(s, r, ERR_NOTFOUND, "ENABLE", &refused) < 0 && refused.code == ERR_NOTFOUND)
        return 0; /* it does without */
    *err = refused;
    return -1;
}

/* ---- search */

static int compare_uids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* libetpan writes what it is given, line ends among it. */
static bool can_be_searched(const char *address)
{
    size_t len = strlen(address);
    for (const char *p = address; *p; p++)
        if (*p <= ' ' || *p > '~' || *p == '"' || *p == '\\')
            return false;
    return len > 0 && len <= 254;
}

static bool finds_nothing(const struct imap_query *q)
{
    for (size_t i = 0; i < q->naddresses; i++)
        if (can_be_searched(q->address[i]))
            return false;
    return q->naddresses > 0;
}

static struct mailimap_search_key *either(struct mailimap_search_key *a, struct mailimap_search_key *b)
{
    return a ? mailimap_search_key_new_or(a, b) : b;
}

static struct mailimap_search_key *key_of_addresses(const struct imap_query *q)
{
    struct mailimap_search_key *key = NULL;
    for (size_t i = 0; i < q->naddresses; i++)
        if (can_be_searched(q->address[i])) {
            key = either(key, mailimap_search_key_new_from(strdup(q->address[i])));
            key = either(key, mailimap_search_key_new_to(strdup(q->address[i])));
            key = either(key, mailimap_search_key_new_cc(strdup(q->address[i])));
        }
    return key;
}

static struct mailimap_search_key *all_of(struct mailimap_search_key *a, struct mailimap_search_key *b)
{
    struct mailimap_search_key *all = mailimap_search_key_new_multiple_empty();
    mailimap_search_key_multiple_add(all, a);
    mailimap_search_key_multiple_add(all, b);
    return all;
}

/* By when it came.  Where the server's clock had lost its time (which then begins in 1970, 1980 or 2000), by
 * when the mail says that it was sent: that alone is slow where no index has it. */
static struct mailimap_search_key *key_of_day(int year, int month, int day)
{
    struct mailimap_search_key *came = mailimap_search_key_new_since(mailimap_date_new(day, month, year));
    if (year <= 2000)
        return came;
    return either(came, all_of(mailimap_search_key_new_before(mailimap_date_new(1, 1, 2001)),
                               mailimap_search_key_new_sentsince(mailimap_date_new(day, month, year))));
}

static struct mailimap_search_key *key_of(const struct imap_query *q)
{
    int year, month, day;
    struct mailimap_search_key *more, *since = NULL;
    struct mailimap_search_key *uid =
        mailimap_search_key_new_uid(mailimap_set_new_interval(q->first ? q->first : 1, 0));
    if (q->since && sscanf(q->since, "%4d-%2d-%2d", &year, &month, &day) == 3)
        since = key_of_day(year, month, day);
    more = key_of_addresses(q);
    if (!since && !more)
        return uid;
    struct mailimap_search_key *all = mailimap_search_key_new_multiple_empty();
    mailimap_search_key_multiple_add(all, uid);
    if (since)
        mailimap_search_key_multiple_add(all, since);
    if (more)
        mailimap_search_key_multiple_add(all, more);
    return all;
}

static void sorted(void *mem, const clist *found, uint32_t first, uint32_t **uids_r, size_t *n_r)
{
    size_t n = 0;
    uint32_t *uids = talloc_array(mem, uint32_t, found ? (size_t)clist_count(found) + 1 : 1);
    for (clistiter *i = found ? clist_begin(found) : NULL; i; i = clist_next(i)) {
        uint32_t uid = *(uint32_t *)clist_content(i);
        if (uid >= first && uid > 0) /* n:* holds the last message even where n lies behind it */
            uids[n++] = uid;
    }
    qsort(uids, n, sizeof *uids, compare_uids);
    *uids_r = uids;
    *n_r = n;
}

int imap_session_search(struct imap_session *s, void *mem, const struct imap_query *query, uint32_t **uids_r,
                        size_t *n_r, struct err *err)
{
    clist *found = NULL;
    if (finds_nothing(query)) {
        *n_r = 0;
        return 0;
    }
    struct mailimap_search_key *key = key_of(query);
    /* As it was before: what arrives during the command may be told behind its result. */
    s->exists = s->imap->imap_selection_info ? s->imap->imap_selection_info->sel_exists : 0;
    limit(s, ANSWER_BYTES);
    int r = mailimap_uid_search(s->imap, NULL, key, &found);
    mailimap_search_key_free(key);
    if (r != MAILIMAP_NO_ERROR)
        return etpan_error(s, r, ERR_AWAY, "UID SEARCH", err);
    sorted(mem, found, query->first, uids_r, n_r);
    if (found)
        mailimap_search_result_free(found);
    return 0;
}

/* ---- what has gone */

static void ignore_change(struct mailimap_msg_att *att, void *context)
{
    (void)att, (void)context;
}

static void take_ranges(void *mem, const struct mailimap_qresync_vanished *gone, uint32_t **ends_r,
                        size_t *n_r)
{
    size_t n = 0;
    const clist *list = gone && gone->qr_known_uids ? gone->qr_known_uids->set_list : NULL;
    uint32_t *ends = talloc_array(mem, uint32_t, list ? 2 * (size_t)clist_count(list) + 1 : 1);
    for (clistiter *i = list ? clist_begin(list) : NULL; i; i = clist_next(i)) {
        const struct mailimap_set_item *item = clist_content(i);
        ends[2 * n] = item->set_first;
        ends[2 * n++ + 1] = item->set_last;
    }
    *ends_r = ends;
    *n_r = n;
}

int imap_session_vanished(struct imap_session *s, void *mem, uint64_t modseq, uint32_t **ends_r, size_t *n_r,
                          struct err *err)
{
    clist *changed = NULL;
    struct mailimap_qresync_vanished *gone = NULL;
    *n_r = 0;
    if (!s->qresync || !modseq)
        return 0;
    struct mailimap_set *all = mailimap_set_new_interval(1, 0);
    struct mailimap_fetch_type *type = mailimap_fetch_type_new_fetch_att_list_empty();
    mailimap_fetch_type_new_fetch_att_list_add(type, mailimap_fetch_att_new_uid());
    limit(s, ANSWER_BYTES);
    mailimap_set_msg_att_handler(s->imap, ignore_change, NULL);
    int r = mailimap_uid_fetch_qresync(s->imap, all, type, modseq, &changed, &gone);
    mailimap_set_msg_att_handler(s->imap, NULL, NULL);
    mailimap_fetch_type_free(type);
    mailimap_set_free(all);
    if (r == MAILIMAP_NO_ERROR && changed)
        mailimap_fetch_list_free(changed);
    if (r != MAILIMAP_NO_ERROR)
        return etpan_error(s, r, ERR_AWAY, "UID FETCH (VANISHED)", err);
    take_ranges(mem, gone, ends_r, n_r);
    if (gone)
        mailimap_qresync_vanished_free(gone);
    return 0;
}

/* ---- which folder is for what */

static bool is_for(const struct mailimap_mailbox_list *folder, const char *use)
{
    const clist *flags = folder->mb_flag ? folder->mb_flag->mbf_oflags : NULL;
    for (clistiter *i = flags ? clist_begin(flags) : NULL; i; i = clist_next(i)) {
        const struct mailimap_mbx_list_oflag *flag = clist_content(i);
        if (flag->of_type == MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT && !strcasecmp(flag->of_flag_ext, use))
            return true;
    }
    return false;
}

int imap_session_special(struct imap_session *s, void *mem, const char *use, char **name_r, struct err *err)
{
    clist *folders = NULL;
    *name_r = NULL;
    limit(s, ANSWER_BYTES);
    int r = mailimap_list(s->imap, "", "*", &folders);
    if (r != MAILIMAP_NO_ERROR)
        return etpan_error(s, r, ERR_NOTFOUND, "LIST", err);
    for (clistiter *i = folders ? clist_begin(folders) : NULL; i && !*name_r; i = clist_next(i)) {
        const struct mailimap_mailbox_list *folder = clist_content(i);
        if (folder->mb_name && is_for(folder, use))
            *name_r = talloc_strdup(mem, folder->mb_name);
    }
    if (folders)
        mailimap_list_result_free(folders);
    return *name_r != NULL;
}
