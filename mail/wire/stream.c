/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The driver: a non-blocking socket, plain until a handshake replaces recv and send by GnuTLS's, in place.
 * Every wait is one poll(), bounded by a wait's and by an exchange's time.
 *
 * libetpan wants of a driver: read gives > 0 or -1, never 0 (it would loop); free frees the mailstream_low
 * too.
 */
#include "mail/wire/stream_low.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define BUFFER_BYTES 8192 /* libetpan moves what is left of it with every line */

struct stream_context {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
};

struct stream {
    const struct stream_context *context;
    gnutls_session_t tls; /* NULL while in plain text */
    char *verify_name;
    int fd;
    int wait_ms;
    int64_t deadline; /* of the exchange; monotonic milliseconds */
    size_t budget;    /* bytes that the peer may still send in this exchange */
    bool cancelled;
    struct err err; /* the first failure */
};

static struct stream *stream_of(mailstream *stream)
{
    return mailstream_get_low(stream)->data;
}

PRINTF(3, 4) static int fail(struct stream *s, enum err_code code, const char *fmt, ...)
{
    if (s->err.code)
        return -1;
    va_list ap;
    va_start(ap, fmt);
    err_vset(&s->err, code, fmt, ap);
    va_end(ap);
    return -1;
}

static int wait_for(struct stream *s, short events, int64_t until)
{
    int64_t end = until < s->deadline ? until : s->deadline;
    for (;;) {
        int64_t left = end - clock_now_ms();
        if (left <= 0)
            return fail(s, ERR_AWAY, "no answer in time");
        /* Without it the server's Nagle and our delayed acknowledgement wait for each other when we pipeline.
         */
        if (events == POLLIN)
            setsockopt(s->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
        struct pollfd p = {s->fd, events, 0};
        int n = poll(&p, 1, left > 1 << 30 ? 1 << 30 : (int)left);
        if (n < 0 && errno != EINTR)
            return fail(s, ERR_AWAY, "poll: %s", strerror(errno));
        if (n > 0)
            return 0;
    }
}

/* What GnuTLS said when it gave no bytes: 0 try again (it has waited), -1 the end. */
static int tls_again(struct stream *s, ssize_t r, int64_t until)
{
    if (r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED)
        return wait_for(s, gnutls_record_get_direction(s->tls) ? POLLOUT : POLLIN, until);
    if (r == GNUTLS_E_REHANDSHAKE) {
        gnutls_alert_send(s->tls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        return 0;
    }
    if (!gnutls_error_is_fatal((int)r))
        return 0;
    if (r == GNUTLS_E_PREMATURE_TERMINATION)
        return fail(s, ERR_AWAY, "connection cut off");
    return fail(s, ERR_AWAY, "TLS: %s", gnutls_strerror((int)r));
}

/* As tls_again, for errno. */
static int socket_again(struct stream *s, short events, int64_t until)
{
    if (errno == EINTR)
        return 0;
    if (errno == EAGAIN)
        return wait_for(s, events, until);
    return fail(s, ERR_AWAY, "connection lost: %s", strerror(errno));
}

/* ---- the driver */

static ssize_t driver_read(mailstream_low *low, void *buffer, size_t size)
{
    struct stream *s = low->data;
    int64_t until = clock_now_ms() + s->wait_ms;
    if (s->cancelled)
        return fail(s, ERR_AWAY, "cancelled");
    if (s->budget == 0)
        return fail(s, ERR_AWAY, "the server's answer is too long");
    if (size > s->budget)
        size = s->budget;
    for (;;) {
        if (!s->tls && wait_for(s, POLLIN, until) < 0) /* an answer takes longer than a try */
            return -1;
        ssize_t r = s->tls ? gnutls_record_recv(s->tls, buffer, size) : recv(s->fd, buffer, size, 0);
        if (r > 0) {
            s->budget -= (size_t)r;
            return r;
        }
        if (r == 0)
            return fail(s, ERR_AWAY, "connection closed by the server");
        if ((s->tls ? tls_again(s, r, until) : socket_again(s, POLLIN, until)) < 0)
            return -1;
    }
}

static ssize_t driver_write(mailstream_low *low, const void *bytes, size_t len)
{
    struct stream *s = low->data;
    int64_t until = clock_now_ms() + s->wait_ms;
    if (s->cancelled || s->err.code)
        return fail(s, ERR_AWAY, "cancelled");
    for (;;) {
        ssize_t r = s->tls ? gnutls_record_send(s->tls, bytes, len) : send(s->fd, bytes, len, MSG_NOSIGNAL);
        if (r > 0)
            return r;
        if ((s->tls ? tls_again(s, r, until) : socket_again(s, POLLOUT, until)) < 0)
            return -1;
    }
}

static int driver_close(mailstream_low *low)
{
    struct stream *s = low->data;
    if (s->tls) {
        if (!s->err.code)
            gnutls_bye(s->tls, GNUTLS_SHUT_WR); /* one attempt: the socket does not block */
        gnutls_deinit(s->tls);
        s->tls = NULL;
    }
    mem_fd_end(&s->fd);
    s->fd = -1;
    return 0;
}

static int driver_get_fd(mailstream_low *low)
{
    return ((struct stream *)low->data)->fd;
}

static void driver_free(mailstream_low *low)
{
    talloc_free(low->data);
    free(low);
}

static void driver_cancel(mailstream_low *low)
{
    ((struct stream *)low->data)->cancelled = true;
}

/* In the order of libetpan's members, which have the names of its functions. */
static mailstream_low_driver driver = {driver_read, driver_write,  driver_close, driver_get_fd,
                                       driver_free, driver_cancel, NULL,         NULL,
                                       NULL,        NULL,          NULL};

/* ---- connecting */

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static int connect_to(struct stream *s, const struct addrinfo *a, bool plain)
{
    s->err = (struct err){0};
    if (plain && !is_loopback(a->ai_addr))
        return fail(s, ERR_CONFIG, "without TLS only loopback addresses are allowed");
    s->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (s->fd < 0)
        return fail(s, ERR_AWAY, "socket: %s", strerror(errno));
    int e = connect(s->fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (e == EINPROGRESS) {
        if (wait_for(s, POLLOUT, s->deadline) < 0)
            return -1;
        getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &(socklen_t){sizeof e});
    }
    if (e)
        return fail(s, ERR_AWAY, "connect: %s", strerror(e));
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
    return 0;
}

static int connect_any(struct stream *s, const struct stream_options *o)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int r = getaddrinfo(o->host, o->port, &hints, &list);
    if (r)
        return fail(s, ERR_AWAY, "%s", gai_strerror(r));
    r = fail(s, ERR_AWAY, "no address");
    for (struct addrinfo *a = list; a && r < 0; a = a->ai_next) {
        s->deadline = clock_now_ms() + s->wait_ms;
        r = connect_to(s, a, o->tls == STREAM_PLAIN);
        if (r < 0) {
            mem_fd_end(&s->fd);
            s->fd = -1;
        }
    }
    freeaddrinfo(list);
    return r;
}

static int stream_destroy(struct stream *s)
{
    mem_fd_end(&s->fd);
    return 0;
}

static struct stream *stream_new(const struct stream_context *context, const struct stream_options *o)
{
    struct stream *s = talloc_zero(NULL, struct stream);
    s->context = context;
    s->verify_name = talloc_strdup(s, o->verify_name ? o->verify_name : o->host);
    size_t len = strlen(s->verify_name);
    if (len && s->verify_name[len - 1] == '.') /* GnuTLS does not match it */
        s->verify_name[len - 1] = 0;
    s->fd = -1;
    s->wait_ms = (o->timeout_s > 0 ? o->timeout_s : 60) * 1000;
    s->deadline = INT64_MAX;
    s->budget = 65536;
    talloc_set_destructor(s, stream_destroy);
    return s;
}

int stream_open(const struct stream_context *context, const struct stream_options *options,
                mailstream **stream_r, struct err *err)
{
    struct stream *s = stream_new(context, options);
    if (connect_any(s, options) < 0) {
        err_set(err, s->err.code, "%s:%s: %s", options->host, options->port, s->err.text);
        talloc_free(s);
        return -1;
    }
    mailstream_low *low = mailstream_low_new(s, &driver);
    mailstream *stream = low ? mailstream_new(low, BUFFER_BYTES) : NULL;
    if (!stream)
        bug("out of memory");
    if (options->tls == STREAM_IMPLICIT && stream_start_tls(stream, err) < 0) {
        stream_close(stream);
        return err_context(err, "%s:%s", options->host, options->port);
    }
    *stream_r = stream;
    return 0;
}

void stream_close(mailstream *stream)
{
    if (stream)
        mailstream_close(stream);
}

/* ---- TLS */

static int context_destroy(struct stream_context *context)
{
    if (context->priority)
        gnutls_priority_deinit(context->priority);
    if (context->credentials)
        gnutls_certificate_free_credentials(context->credentials);
    return 0;
}

int stream_context_new(void *mem, const char *ca_file, struct stream_context **context_r, struct err *err)
{
    struct stream_context *c = talloc_zero(mem, struct stream_context);
    talloc_set_destructor(c, context_destroy);
    int r = gnutls_certificate_allocate_credentials(&c->credentials);
    if (r >= 0)
        r = ca_file ? gnutls_certificate_set_x509_trust_file(c->credentials, ca_file, GNUTLS_X509_FMT_PEM)
                    : gnutls_certificate_set_x509_system_trust(c->credentials);
    if (r <= 0) {
        talloc_free(c);
        return err_set(err, ERR_CONFIG, "%s: no certificates of authorities%s%s",
                       ca_file ? ca_file : "the system's list", r < 0 ? ": " : "",
                       r < 0 ? gnutls_strerror(r) : "");
    }
    r = gnutls_priority_init(&c->priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
    if (r < 0)
        bug("gnutls_priority_init: %s", gnutls_strerror(r));
    *context_r = c;
    return 0;
}

static int tls_begin(struct stream *s)
{
    int r = gnutls_init(&s->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    if (r < 0) {
        s->tls = NULL;
        return r;
    }
    struct in6_addr ignored;
    bool literal = inet_pton(AF_INET, s->verify_name, &ignored) == 1 ||
                   inet_pton(AF_INET6, s->verify_name, &ignored) == 1;
    if (!literal &&
        (r = gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, s->verify_name, strlen(s->verify_name))) < 0)
        return r;
    if ((r = gnutls_priority_set(s->tls, s->context->priority)) < 0 ||
        (r = gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, s->context->credentials)) < 0)
        return r;
    gnutls_session_set_verify_cert(s->tls, s->verify_name, 0); /* chain, name or address, stapled OCSP */
    gnutls_transport_set_int(s->tls, s->fd);
    return 0;
}

static int tls_refused(struct stream *s, int r)
{
    if (r == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
        gnutls_datum_t text = {0};
        gnutls_certificate_verification_status_print(gnutls_session_get_verify_cert_status(s->tls),
                                                     GNUTLS_CRT_X509, &text, 0);
        fail(s, ERR_CONFIG, "the certificate is not good for \"%s\": %s", s->verify_name,
             (const char *)text.data);
        gnutls_free(text.data);
        return -1;
    }
    bool gone = r == GNUTLS_E_PREMATURE_TERMINATION || r == GNUTLS_E_PULL_ERROR || r == GNUTLS_E_PUSH_ERROR;
    return fail(s, gone ? ERR_AWAY : ERR_CONFIG, "TLS handshake: %s%s", gnutls_strerror(r),
                r == GNUTLS_E_UNEXPECTED_PACKET_LENGTH || r == GNUTLS_E_UNEXPECTED_PACKET
                    ? " (perhaps the port is one for tls = starttls)"
                    : "");
}

const char *stream_tls_version(mailstream *stream)
{
    struct stream *s = stream_of(stream);
    return s->tls ? gnutls_protocol_get_name(gnutls_protocol_get_version(s->tls)) : NULL;
}

int stream_start_tls(mailstream *stream, struct err *err)
{
    struct stream *s = stream_of(stream);
    must(!s->tls && s->context);
    if (stream->read_buffer_len || stream->write_buffer_len) {
        fail(s, ERR_CONFIG, "the server speaks plain text where TLS begins: somebody may be in between");
        return stream_explain(stream, err);
    }
    int r = tls_begin(s);
    int64_t until = clock_now_ms() + s->wait_ms;
    s->deadline = until;
    while (r == 0 && (r = gnutls_handshake(s->tls)) < 0 && !gnutls_error_is_fatal(r)) {
        if ((r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED) &&
            wait_for(s, gnutls_record_get_direction(s->tls) ? POLLOUT : POLLIN, until) < 0)
            break;
        r = 0;
    }
    if (r < 0) {
        tls_refused(s, r); /* which keeps an earlier failure */
        return stream_explain(stream, err);
    }
    return 0;
}

/* ---- limits, errors, waiting */

void stream_limit(mailstream *stream, int wait_s, int whole_s, size_t bytes)
{
    struct stream *s = stream_of(stream);
    s->wait_ms = wait_s * 1000;
    s->deadline = clock_now_ms() + whole_s * 1000LL;
    s->budget = bytes;
}

int stream_explain(mailstream *stream, struct err *err)
{
    const struct stream *s = stream_of(stream);
    if (!s->err.code)
        return err_set(err, ERR_AWAY, "the server's answer makes no sense");
    return err_set(err, s->err.code, "%s", s->err.text);
}

/* A readable socket may hold no more than a ticket or half a record: decrypt before saying so. */
static bool decrypt_pending(mailstream *stream)
{
    struct stream *s = stream_of(stream);
    if (!s->tls)
        return true;
    ssize_t n = gnutls_record_recv(s->tls, stream->read_buffer, stream->buffer_max_size);
    if (n > 0)
        stream->read_buffer_len = (size_t)n;
    return n >= 0 || gnutls_error_is_fatal((int)n);
}

bool stream_can_read(mailstream *stream)
{
    const struct stream *s = stream_of(stream);
    while (stream->read_buffer_len == 0 && !(s->tls && gnutls_record_check_pending(s->tls))) {
        struct pollfd p = {s->fd, POLLIN, 0};
        int n = poll(&p, 1, 0);
        if (n == 0)
            return false;
        if (n > 0 && decrypt_pending(stream))
            return true;
    }
    return true;
}

void stream_cancel(mailstream *stream)
{
    driver_cancel(mailstream_get_low(stream));
}
