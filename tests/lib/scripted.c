/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/scripted.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct session {
    int listener, fd, log_fd;
    gnutls_session_t tls;
    const char *certificates;
    char buffer[1 << 18];
    size_t len;
};

static void session_close(struct session *s)
{
    if (s->tls) {
        gnutls_bye(s->tls, GNUTLS_SHUT_WR);
        gnutls_deinit(s->tls);
        s->tls = NULL;
    }
    mem_fd_end(&s->fd);
    s->fd = -1;
    s->len = 0;
}

static int session_accept(struct session *s)
{
    session_close(s);
    s->fd = accept(s->listener, NULL, NULL);
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return s->fd < 0;
}

static int session_send(struct session *s, const char *bytes)
{
    size_t len = strlen(bytes), done = 0;
    while (done < len) {
        ssize_t n = s->tls ? gnutls_record_send(s->tls, bytes + done, len - done)
                           : send(s->fd, bytes + done, len - done, MSG_NOSIGNAL);
        if (n <= 0)
            return 1;
        done += (size_t)n;
    }
    return 0;
}

static int session_feed(struct session *s)
{
    if (s->len == sizeof s->buffer)
        return 1;
    char *to = s->buffer + s->len;
    size_t room = sizeof s->buffer - s->len;
    ssize_t n = s->tls ? gnutls_record_recv(s->tls, to, room) : recv(s->fd, to, room, 0);
    if (n <= 0)
        return 1;
    s->len += (size_t)n;
    return 0;
}

static int session_take(struct session *s, size_t n)
{
    while (s->len < n)
        if (session_feed(s))
            return 1;
    if (write(s->log_fd, s->buffer, n) < 0)
        return 1;
    s->len -= n;
    memmove(s->buffer, s->buffer + n, s->len);
    return 0;
}

static int session_line(struct session *s, const char *prefix)
{
    char *end;
    while (!(end = memchr(s->buffer, '\n', s->len)))
        if (session_feed(s))
            return 1;
    if (strncmp(s->buffer, prefix, strlen(prefix)))
        return 2;
    return session_take(s, (size_t)(end - s->buffer) + 1);
}

static int session_content(struct session *s)
{
    bool last = false;
    while (!last) {
        while (!memchr(s->buffer, '\n', s->len))
            if (session_feed(s))
                return 1;
        last = !strncmp(s->buffer, ".\r\n", 3);
        if (session_line(s, ""))
            return 1;
    }
    return 0;
}

static int session_tls(struct session *s, const char *name, const char *priority)
{
    MEM_SCOPE(mem);
    gnutls_certificate_credentials_t credentials;
    gnutls_certificate_allocate_credentials(&credentials);
    gnutls_certificate_set_x509_key_file(
        credentials, talloc_asprintf(mem, "%s/%s.pem", s->certificates, name),
        talloc_asprintf(mem, "%s/%s.key", s->certificates, name), GNUTLS_X509_FMT_PEM);
    gnutls_init(&s->tls, GNUTLS_SERVER);
    gnutls_priority_set_direct(s->tls, priority, NULL);
    gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_transport_set_int(s->tls, s->fd);
    /* A client that refuses the certificate is what some scripts wait for. */
    return gnutls_handshake(s->tls) < 0 && session_feed(s) == 0;
}

static int session_step(struct session *s, const char *step)
{
    const char *rest = step[1] ? step + 2 : "";
    switch (step[0]) {
    case 'S':
        return session_send(s, rest);
    case 'R':
        return session_line(s, rest);
    case 'C':
        return session_content(s);
    case 'B':
        return session_take(s, strtoul(rest, NULL, 10));
    case 'W':
        return usleep((useconds_t)strtoul(rest, NULL, 10) * 1000);
    case 'T':
        return session_tls(s, rest, "NORMAL");
    case 'O':
        return session_tls(s, rest, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+SHA1:%COMPAT");
    case 'A':
        return session_accept(s);
    case 'Z':
        setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
        close(s->fd);
        s->fd = -1;
        return 0;
    default:
        session_close(s);
        return step[0] != 'X';
    }
}

static int follow(struct session *s, const char *const *steps)
{
    int rc = session_accept(s);
    for (; *steps && rc == 0; steps++)
        if ((rc = session_step(s, *steps)) != 0)
            fprintf(stderr, "# script stops at \"%s\"\n", *steps);
    session_close(s);
    return rc;
}

void scripted_start(struct scripted *server, const char *certificates, const char *const *steps)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server->log_fd = memfd_create("said", MFD_CLOEXEC);
    must(listener >= 0 && server->log_fd >= 0 && bind(listener, (struct sockaddr *)&a, sizeof a) == 0 &&
         listen(listener, 8) == 0 && getsockname(listener, (struct sockaddr *)&a, &len) == 0);
    snprintf(server->port, sizeof server->port, "%d", ntohs(a.sin_port));
    server->pid = fork();
    must(server->pid >= 0);
    if (server->pid == 0) {
        static struct session s;
        s = (struct session){
            .listener = listener, .fd = -1, .log_fd = server->log_fd, .certificates = certificates};
        alarm(30);
        _exit(follow(&s, steps));
    }
    close(listener);
}

int scripted_end(void *mem, struct scripted *server, char **said_r)
{
    int status;
    must(waitpid(server->pid, &status, 0) == server->pid);
    off_t len = lseek(server->log_fd, 0, SEEK_END);
    char *said = talloc_zero_array(mem, char, (size_t)len + 1);
    must(pread(server->log_fd, said, (size_t)len, 0) == len);
    close(server->log_fd);
    if (said_r)
        *said_r = said;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

int run_program(const char *const *argv)
{
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; fd++)
            dup2(null, fd);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status;
    must(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static const char certificates_script[] =
    "set -e; cd \"$1\"\n"
    "authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
    "\"/CN=$1\" \\\n"
    "  -addext basicConstraints=critical,CA:TRUE -keyout $1.key -out $1.pem; }\n"
    "signed() { # name subject authority options...\n"
    "  n=$1 s=$2 a=$3; shift 3\n"
    "  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj \"/CN=$s\" -keyout $n.key "
    "-out $n.csr\n"
    "  printf 'subjectAltName=DNS:%s%s\\n' $s \"$([ $s = mail.test ] && echo ,IP:127.0.0.1)\" > $n.ext\n"
    "  rm -f index.txt* serial*; : > index.txt; echo 01 > serial\n"
    "  printf "
    "'[ca]\\ndefault_ca=x\\n[x]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=.\\npolicy=p\\n' > "
    "ca.cnf\n"
    "  printf 'default_md=sha256\\n[p]\\ncommonName=supplied\\n' >> ca.cnf\n"
    "  openssl ca -batch -notext -config ca.cnf -cert $a.pem -keyfile $a.key -extfile $n.ext -in $n.csr -out "
    "$n.pem \"$@\"; }\n"
    "authority ca; authority other\n"
    "signed good mail.test ca -days 2\n"
    "signed name wrong.test ca -days 2\n"
    "signed foreign mail.test other -days 2\n"
    "signed expired mail.test ca -startdate 20200101000000Z -enddate 20200201000000Z\n";

char *certificates_make(void *mem)
{
    char *folder = talloc_strdup(mem, "/tmp/adresar-test-XXXXXX");
    must(mkdtemp(folder));
    const char *const argv[] = {"sh", "-c", certificates_script, "sh", folder, NULL};
    return run_program(argv) == 0 ? folder : NULL;
}

void folder_remove(const char *path)
{
    must(!strncmp(path, "/tmp/", 5));
    run_program((const char *const[]){"rm", "-rf", path, NULL});
}
