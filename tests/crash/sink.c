/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mail server that keeps the books: for each content that it took, before it says so, a line "Message-ID
 * recipient" in LOG.  To some recipients it is unkind, by chance of the seed: refused and deferred at RCPT,
 * deferred at the content, cut amid the content (nothing taken, and a third word says "amid"), taken and then
 * cut (a line with "cut" as third word).
 *
 *     sink PORT LOG SEED|none [AT SCRIPT]     at the ATth content that came, SCRIPT is started by sh
 *
 * SIGUSR1 cuts all its connections.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 128, PEOPLE = 1 << 16, WORK_US = 400 };

enum mood { KIND, REFUSES, DEFERS, DEFERS_CONTENT, CUTS_AMID, TAKES_AND_CUTS };

struct connection {
    char in[1 << 16], out[4096], rcpt[256], id[512];
    size_t in_len, out_len;
    bool content;
    enum mood mood;
};

static struct connection *connection[CONNECTIONS];
static struct pollfd fd[CONNECTIONS + 1]; /* the last: who comes */
static bool seen[PEOPLE];                 /* its mood is over, but for a refusal */
static uint64_t seed;
static bool kind;
static int log_fd, contents, at;
static const char *script;
static volatile sig_atomic_t cut_all;

static void on_signal(int sig)
{
    (void)sig;
    cut_all = 1;
}

static enum mood mood_for(unsigned person)
{
    uint64_t h = seed * 0x9e3779b97f4a7c15U + person;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9U;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebU;
    unsigned n = (unsigned)((h ^ (h >> 31)) % 1000);
    return kind     ? KIND
           : n < 10 ? REFUSES
           : n < 20 ? DEFERS
           : n < 30 ? DEFERS_CONTENT
           : n < 38 ? CUTS_AMID
           : n < 50 ? TAKES_AND_CUTS
                    : KIND;
}

static void hang_up(int i)
{
    close(fd[i].fd);
    fd[i].fd = -1;
    free(connection[i]);
    connection[i] = NULL;
}

static void say(struct connection *c, const char *reply)
{
    size_t len = strlen(reply);
    if (c->out_len + len < sizeof c->out) {
        memcpy(c->out + c->out_len, reply, len);
        c->out_len += len;
    }
}

static void start_script(void)
{
    if (++contents != at || fork() != 0)
        return;
    execl("/bin/sh", "sh", script, (char *)NULL);
    _exit(127);
}

static void recipient(struct connection *c, const char *line)
{
    unsigned person = 0;
    c->mood = KIND;
    if (sscanf(line, "RCPT TO:<%255[^>]>", c->rcpt) == 1 && sscanf(c->rcpt, "p%u@", &person) == 1 &&
        person < PEOPLE) {
        c->mood = mood_for(person);
        if (seen[person] && c->mood != REFUSES)
            c->mood = KIND;
        seen[person] = true;
    }
    say(c, c->mood == REFUSES  ? "550 5.1.1 nobody of that name\r\n"
           : c->mood == DEFERS ? "450 4.2.1 later\r\n"
                               : "250 2.1.5 ok\r\n");
}

static void keep(const struct connection *c, const char *word)
{
    char line[1024];
    int n = snprintf(line, sizeof line, "%s %s%s\n", *c->id ? c->id : "-", c->rcpt, word);
    if (write(log_fd, line, (size_t)n) != n)
        abort();
}

/* False: hang up. */
static bool content_line(struct connection *c, const char *line)
{
    if (c->mood == CUTS_AMID) {
        keep(c, " amid");
        return false;
    }
    if (!*c->id)
        sscanf(line, "Message-ID: %511s", c->id);
    if (strcmp(line, "."))
        return true;
    c->content = false;
    usleep(WORK_US);
    if (c->mood == DEFERS_CONTENT) {
        say(c, "451 4.3.0 later\r\n");
        return true;
    }
    keep(c, c->mood == TAKES_AND_CUTS ? " cut" : "");
    start_script();
    say(c, "250 2.0.0 taken\r\n");
    return c->mood != TAKES_AND_CUTS;
}

static bool command_line(struct connection *c, const char *line)
{
    if (!strncmp(line, "EHLO", 4))
        say(c, "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 DSN\r\n");
    else if (!strncmp(line, "RCPT", 4))
        recipient(c, line);
    else if (!strcmp(line, "DATA") && (c->mood == REFUSES || c->mood == DEFERS))
        say(c, "503 5.5.1 no recipient\r\n");
    else if (!strcmp(line, "DATA"))
        say(c, "354 go\r\n"), c->content = true, *c->id = 0;
    else
        say(c, "250 2.0.0 ok\r\n");
    return strcmp(line, "QUIT") != 0;
}

static bool lines(struct connection *c)
{
    char *begin = c->in, *end;
    bool goes_on = true;
    while (goes_on && (end = memchr(begin, '\n', c->in_len - (size_t)(begin - c->in)))) {
        *end = 0;
        if (end > begin && end[-1] == '\r')
            end[-1] = 0;
        goes_on = c->content ? content_line(c, begin) : command_line(c, begin);
        begin = end + 1;
    }
    c->in_len -= (size_t)(begin - c->in);
    memmove(c->in, begin, c->in_len);
    return goes_on;
}

static void serve(int i)
{
    struct connection *c = connection[i];
    ssize_t n = recv(fd[i].fd, c->in + c->in_len, sizeof c->in - c->in_len, 0);
    if (n > 0)
        c->in_len += (size_t)n;
    bool goes_on = n > 0 && lines(c);
    if (c->mood == TAKES_AND_CUTS && !goes_on)
        c->out_len = 0;
    if (c->out_len && send(fd[i].fd, c->out, c->out_len, MSG_NOSIGNAL) < 0)
        goes_on = false;
    c->out_len = 0;
    if (!goes_on)
        hang_up(i);
}

static void welcome(int listener)
{
    int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC), i = 0;
    while (i < CONNECTIONS && fd[i].fd >= 0)
        i++;
    if (s < 0 || i == CONNECTIONS) {
        close(s);
        return;
    }
    fd[i].fd = s;
    connection[i] = calloc(1, sizeof *connection[i]);
    if (send(s, "220 sink.example\r\n", 18, MSG_NOSIGNAL) < 0)
        hang_up(i);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 64;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    a.sin_port = htons((uint16_t)atoi(argv[1]));
    log_fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    kind = !strcmp(argv[3], "none");
    seed = strtoull(argv[3], NULL, 10);
    at = argc > 5 ? atoi(argv[4]) : 0;
    script = argc > 5 ? argv[5] : "";
    signal(SIGCHLD, SIG_IGN);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (log_fd < 0 || bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 64) < 0)
        return perror("sink"), 1;
    for (int i = 0; i <= CONNECTIONS; i++)
        fd[i] = (struct pollfd){.fd = i < CONNECTIONS ? -1 : listener, .events = POLLIN};
    for (;;) {
        int n = poll(fd, CONNECTIONS + 1, -1);
        for (int i = 0; i < CONNECTIONS; i++)
            if (fd[i].fd >= 0 && cut_all)
                hang_up(i);
            else if (n > 0 && fd[i].fd >= 0 && fd[i].revents)
                serve(i);
        if (n > 0 && !cut_all && fd[CONNECTIONS].revents)
            welcome(listener);
        cut_all = 0;
    }
}
