/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All questions that are open go through one channel; waiting for one of them serves all.
 */
#include "mail/wire/dns.h"

#include "base/clock.h"
#include "mail/wire/ares_lazy.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <strings.h>

enum {
    CLASS_IN = 1,
    TRY_MS = 1500, /* then once more, twice as long */
    TRIES = 2,
    MAX_VALUES = 64,
};
static const int wire_type[] = {[DNS_TXT] = 16, [DNS_MX] = 15, [DNS_A] = 1, [DNS_AAAA] = 28, [DNS_PTR] = 12};

struct question {
    struct dns_answer answer;
    const char *name;
    enum dns_type type;
    bool done;
    struct question *next;
};

struct dns {
    ares_channel channel;
    int64_t deadline_ms;
    struct question *question;
};

static void library_init(void)
{
    must(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS);
}

static int dns_end(struct dns *dns)
{
    for (struct question *q = dns->question; q; q = q->next)
        q->done = true; /* the channel tells each that it ends */
    ares_destroy(dns->channel);
    return 0;
}

/* Of several servers one that fails or refuses makes way for the next, and in the end it cannot be told what
 * was wrong; an only one's reply is taken as it is. */
static int open_channel(struct dns *dns, const char *server, bool only_one, struct err *err)
{
    struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS |
                                            (only_one ? ARES_FLAG_NOCHECKRESP : 0),
                                   .timeout = TRY_MS,
                                   .tries = TRIES,
                                   .ednspsz = 1232};
    int rc = ares_init_options(&dns->channel, &options,
                               ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
    if (rc != ARES_SUCCESS)
        return err_set(err, ERR_CONFIG, "the resolver: %s", ares_strerror(rc));
    if (server && ares_set_servers_ports_csv(dns->channel, server) != ARES_SUCCESS) {
        ares_destroy(dns->channel);
        return err_set(err, ERR_CONFIG, "the server of [dns] is written as 192.0.2.53:53, not \"%s\"",
                       server);
    }
    return 0;
}

static bool has_one_server(struct dns *dns)
{
    struct ares_addr_node *servers = NULL;
    bool one = ares_get_servers(dns->channel, &servers) == ARES_SUCCESS && servers && !servers->next;
    ares_free_data(servers);
    return one;
}

int dns_open(void *mem, const char *server, int time_ms, struct dns **dns_r, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_init);
    struct dns *dns = talloc_zero(mem, struct dns);
    if (open_channel(dns, server, false, err) < 0)
        return -1;
    if (has_one_server(dns)) {
        ares_destroy(dns->channel);
        if (open_channel(dns, server, true, err) < 0)
            return -1;
    }
    talloc_set_destructor(dns, dns_end);
    dns->deadline_ms = clock_now_ms() + time_ms;
    *dns_r = dns;
    return 0;
}

/* ---- answers */

static void add_value(struct question *q, const char *bytes, size_t len)
{
    struct dns_answer *a = &q->answer;
    if (memchr(bytes, 0, len) || a->n == MAX_VALUES)
        return;
    a->value = talloc_realloc(q, a->value, const char *, a->n + 1);
    a->value[a->n++] = talloc_strndup(a->value, bytes, len);
}

static int take_txt(struct question *q, const unsigned char *bytes, int len)
{
    struct ares_txt_ext *list = NULL;
    MEM_SCOPE(mem);
    int rc = ares_parse_txt_reply_ext(bytes, len, &list);
    for (struct ares_txt_ext *t = list; t;) {
        struct text record = text_new(mem);
        do {
            text_add(&record, (const char *)t->txt, t->length);
            t = t->next;
        } while (t && !t->record_start);
        add_value(q, record.s, record.len);
    }
    ares_free_data(list);
    return rc;
}

static int take_mx(struct question *q, const unsigned char *bytes, int len)
{
    struct ares_mx_reply *list = NULL;
    int rc = ares_parse_mx_reply(bytes, len, &list);
    for (struct ares_mx_reply *m = list; m; m = m->next)
        add_value(q, m->host, strlen(m->host));
    ares_free_data(list);
    return rc;
}

static int take_addresses(struct question *q, const unsigned char *bytes, int len)
{
    struct ares_addrttl four[MAX_VALUES];
    struct ares_addr6ttl six[MAX_VALUES];
    char text[INET6_ADDRSTRLEN];
    int n = MAX_VALUES;
    int rc = q->type == DNS_A ? ares_parse_a_reply(bytes, len, NULL, four, &n)
                              : ares_parse_aaaa_reply(bytes, len, NULL, six, &n);
    for (int i = 0; rc == ARES_SUCCESS && i < n; i++) {
        const char *s = q->type == DNS_A ? inet_ntop(AF_INET, &four[i].ipaddr, text, sizeof text)
                                         : inet_ntop(AF_INET6, &six[i].ip6addr, text, sizeof text);
        add_value(q, s, strlen(s));
    }
    return rc;
}

static int take_ptr(struct question *q, const unsigned char *bytes, int len)
{
    struct hostent *host = NULL;
    int rc = ares_parse_ptr_reply(bytes, len, NULL, 0, AF_INET, &host);
    for (char **alias = rc == ARES_SUCCESS ? host->h_aliases : NULL; alias && *alias; alias++)
        add_value(q, *alias, strlen(*alias));
    if (host)
        ares_free_hostent(host);
    return rc;
}

static const char *explanation(int status)
{
    switch (status) {
    case ARES_ETIMEOUT:
        return "no name server answered in time";
    case ARES_ECONNREFUSED:
        return "no name server is reached, or all of them fail";
    case ARES_ESERVFAIL:
        return "the name server failed (SERVFAIL)";
    case ARES_EREFUSED:
        return "the name server refuses the question";
    default:
        return ares_strerror(status);
    }
}

static void take_reply(void *context, int status, int timeouts, unsigned char *bytes, int len)
{
    struct question *q = context;
    (void)timeouts;
    if (q->done)
        return;
    q->done = true;
    if (status == ARES_SUCCESS)
        status = q->type == DNS_TXT   ? take_txt(q, bytes, len)
                 : q->type == DNS_MX  ? take_mx(q, bytes, len)
                 : q->type == DNS_PTR ? take_ptr(q, bytes, len)
                                      : take_addresses(q, bytes, len);
    bool none =
        status == ARES_ENOTFOUND || status == ARES_ENODATA || (status == ARES_SUCCESS && !q->answer.n);
    q->answer.outcome = none ? DNS_NONE : status == ARES_SUCCESS ? DNS_FOUND : DNS_UNKNOWN;
    if (q->answer.outcome == DNS_UNKNOWN)
        q->answer.why = explanation(status);
}

/* ---- questions */

static struct question *ask(struct dns *dns, const char *name, enum dns_type type)
{
    for (struct question *q = dns->question; q; q = q->next)
        if (q->type == type && !strcasecmp(q->name, name))
            return q;
    struct question *q = talloc_zero(dns, struct question);
    q->name = talloc_strdup(q, name);
    q->type = type;
    q->next = dns->question;
    dns->question = q;
    ares_query(dns->channel, name, CLASS_IN, wire_type[type], take_reply, q);
    return q;
}

void dns_want(struct dns *dns, const char *name, enum dns_type type)
{
    ask(dns, name, type);
}

/* As the library's macros say, which shift into the sign of an int. */
static short events_of(int mask, int i)
{
    unsigned bits = (unsigned)mask >> i;
    return (short)((bits & 1 ? POLLIN : 0) | (bits >> ARES_GETSOCK_MAXNUM & 1 ? POLLOUT : 0));
}

/* Waits for one of the sockets, at most until the next thing that is to be done. */
static void serve(struct dns *dns, int64_t left_ms)
{
    ares_socket_t socket[ARES_GETSOCK_MAXNUM];
    struct pollfd fd[ARES_GETSOCK_MAXNUM];
    struct timeval most = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000}, next;
    int mask = ares_getsock(dns->channel, socket, ARES_GETSOCK_MAXNUM), n = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++)
        if (events_of(mask, i))
            fd[n++] = (struct pollfd){.fd = socket[i], .events = events_of(mask, i)};
    ares_timeout(dns->channel, &most, &next);
    poll(fd, (nfds_t)n, (int)(next.tv_sec * 1000 + next.tv_usec / 1000 + 1));
    ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what has timed out */
    for (int i = 0; i < n; i++)
        if (fd[i].revents)
            ares_process_fd(dns->channel, fd[i].revents & ~POLLOUT ? fd[i].fd : ARES_SOCKET_BAD,
                            fd[i].revents & POLLOUT ? fd[i].fd : ARES_SOCKET_BAD);
}

const struct dns_answer *dns_get(struct dns *dns, const char *name, enum dns_type type)
{
    struct question *q = ask(dns, name, type);
    while (!q->done) {
        int64_t left = dns->deadline_ms - clock_now_ms();
        if (left > 0) {
            serve(dns, left);
            continue;
        }
        q->done = true;
        q->answer.outcome = DNS_UNKNOWN;
        q->answer.why = explanation(ARES_ETIMEOUT);
    }
    return &q->answer;
}

bool dns_is_within(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);
    return n >= d && !strcasecmp(name + n - d, domain) && (n == d || name[n - d - 1] == '.');
}

char *dns_address(void *mem, const char *text)
{
    unsigned char b[16];
    char s[INET6_ADDRSTRLEN];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    return inet_pton(family, text, b) == 1 && inet_ntop(family, b, s, sizeof s) ? talloc_strdup(mem, s)
                                                                                : NULL;
}

char *dns_reverse(void *mem, const char *ip)
{
    unsigned char b[16];
    if (inet_pton(AF_INET, ip, b) == 1)
        return talloc_asprintf(mem, "%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]);
    if (inet_pton(AF_INET6, ip, b) != 1)
        return NULL;
    struct text name = text_new(mem);
    for (int i = 15; i >= 0; i--)
        text_printf(&name, "%x.%x.", b[i] & 15, b[i] >> 4);
    text_puts(&name, "ip6.arpa");
    return name.s;
}
