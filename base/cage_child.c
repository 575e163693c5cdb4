/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The inside.  All that the libraries want to open or load is opened and loaded by each parser's warm_up;
 * then the door is shut: no new descriptor, no process, no executable memory, nothing but reading requests
 * and writing frames.
 */
#include "base/cage.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cage_low.h"
#include "base/catalog.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/seccomp_lazy.h"
#include "base/unicode.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { CPU_S = 3600, HELD_MS = 1000, NOBODY = -2 /* asks any more */ };
static const rlim_t memory_bytes = (rlim_t)512 << 20;

static void limit(int resource, rlim_t value)
{
    struct rlimit r = {value, value};
    if (setrlimit(resource, &r) < 0 && errno != EPERM) /* EPERM: it is lower already */
        bug("setrlimit: %s", strerror(errno));
}

/* What the libraries try and can do without: it fails, as if there were no such file. */
static const int refused[] = {
    SCMP_SYS(open),  SCMP_SYS(openat),  SCMP_SYS(stat),      SCMP_SYS(lstat),    SCMP_SYS(newfstatat),
    SCMP_SYS(statx), SCMP_SYS(access),  SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(ioctl), SCMP_SYS(sysinfo), SCMP_SYS(prlimit64), SCMP_SYS(getcwd),   SCMP_SYS(sched_getaffinity)};
static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(write),       SCMP_SYS(close),           SCMP_SYS(brk),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),      SCMP_SYS(madvise),         SCMP_SYS(futex),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),  SCMP_SYS(rt_sigreturn),    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction), SCMP_SYS(getpid),      SCMP_SYS(gettid),          SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(time),        SCMP_SYS(getrandom),       SCMP_SYS(fstat),
    SCMP_SYS(lseek),        SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall), SCMP_SYS(recvmsg)};

static int add_rules(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), refused[i], 0);
    rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                           SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                           SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* abort() of itself, and no signal to the user's other processes */
    rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                           SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    return rc;
}

static void shut(void)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CPU, CPU_S);
    if (SANITIZED) /* its shadow is larger than any limit, and it reports through files */
        return;
    limit(RLIMIT_AS, memory_bytes);
    limit(RLIMIT_NOFILE, CAGE_FD + 2); /* the socket, and one file that comes over it */
    scmp_filter_ctx filter =
        seccomp_init(SCMP_ACT_KILL_PROCESS); /* sets PR_SET_NO_NEW_PRIVS when it is loaded */
    if (!filter || add_rules(filter) || seccomp_load(filter) < 0)
        bug("the system call filter cannot be loaded");
    seccomp_release(filter);
}

static bool read_all(void *to, size_t len)
{
    for (char *p = to; len;) {
        ssize_t n = read(CAGE_FD, p, len);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return true;
}

static bool write_all(const void *from, size_t len)
{
    for (const char *p = from; len;) {
        ssize_t n = write(CAGE_FD, p, len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return true;
}

/* Frames that go together, but that nobody outside waits for too long. */
static struct {
    char bytes[64 << 10];
    size_t n;
    int64_t since; /* ms */
} out;

static bool flush(void)
{
    size_t n = out.n;
    out.n = 0;
    out.since = clock_now_ms();
    return write_all(out.bytes, n);
}

static bool write_frame(uint32_t kind, uint32_t code, const char *bytes, size_t len)
{
    struct cage_frame frame = {.kind = kind, .code = code, .len = (uint32_t)len};
    if (sizeof frame + len > sizeof out.bytes - out.n && !flush())
        return false;
    if (sizeof frame + len > sizeof out.bytes)
        return write_all(&frame, sizeof frame) && write_all(bytes, len);
    mempcpy(mempcpy(out.bytes + out.n, &frame, sizeof frame), bytes, len);
    out.n += sizeof frame + len;
    return (kind != CAGE_END && clock_now_ms() - out.since < HELD_MS) || flush();
}

static int put(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    (void)context;
    must(kind != CAGE_END);
    do {
        size_t n = len < CAGE_FRAME_MAX ? len : CAGE_FRAME_MAX;
        if (!write_frame(kind, 0, bytes, n))
            return err_set(err, ERR_IO, "nobody listens");
        bytes += n;
        len -= n;
    } while (len);
    return 0;
}

static const struct cage_parser *find(const struct cage_parser *const *parsers, const char *name)
{
    for (; *parsers; parsers++)
        if (!strcmp((*parsers)->name, name))
            return *parsers;
    bug("the cage has no parser \"%s\"", name);
}

static int parse_bytes(const struct cage_parser *parser, const struct cage_request *request, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes = talloc_size(mem, (size_t)request->len + 1);
    if (!read_all(bytes, request->len))
        return NOBODY;
    bytes[request->len] = 0;
    return parser->parse(bytes, request->len, request->argument, put, NULL, err);
}

static int parse_file(const struct cage_parser *parser, const struct cage_request *request, struct err *err)
{
    FD_SCOPE int fd = -1;
    if (descriptor_take(CAGE_FD, -1, &fd, err) < 0)
        return NOBODY;
    must(parser->parse_file);
    return parser->parse_file(fd, request->len, request->argument, put, NULL, err);
}

/* Its catalogue is read once: whoever asks next speaks it, too. */
static void speak(const char *name)
{
    static const struct catalog *catalog;
    static char now[CAGE_LANGUAGE_SIZE];
    if (strcmp(now, name) != 0) {
        talloc_free((void *)(uintptr_t)catalog);
        catalog = *name ? catalog_new(NULL, name) : NULL;
        snprintf(now, sizeof now, "%s", name);
    }
    err_language(catalog);
}

static bool serve_one(const struct cage_parser *const *parsers)
{
    struct cage_request request;
    if (!read_all(&request, sizeof request))
        return false;
    request.parser[sizeof request.parser - 1] = 0;
    request.argument[sizeof request.argument - 1] = 0;
    request.language[sizeof request.language - 1] = 0;
    speak(request.language);
    struct err err = {0};
    const struct cage_parser *parser = find(parsers, request.parser);
    int rc = request.file ? parse_file(parser, &request, &err) : parse_bytes(parser, &request, &err);
    if (rc == NOBODY)
        return false;
    return rc < 0 ? write_frame(CAGE_END, err.code, err.text, strlen(err.text))
                  : write_frame(CAGE_END, ERR_NONE, "", 0);
}

int cage_main(const struct cage_parser *const *parsers)
{
    for (const struct cage_parser *const *p = parsers; *p; p++)
        if ((*p)->warm_up)
            (*p)->warm_up();
    unicode_load();
    lazy_need(&seccomp_lazy);
    shut();
    while (serve_one(parsers))
        ;
    return 0;
}
