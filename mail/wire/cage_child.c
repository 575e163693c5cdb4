/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The inside.  All that the libraries want to open or load is opened and loaded by parsing one mail that uses
 * it; then the door is shut: no new descriptor, no process, no executable memory, nothing but reading
 * requests and writing answers.
 */
#include "mail/wire/cage.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mail/wire/cage_low.h"
#include "mail/wire/facts.h"

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

enum { CPU_S = 3600 };
static const rlim_t memory_bytes = (rlim_t)1 << 30;

static const char warm_mail[] =
    "From: =?iso-8859-2?Q?a?= <a@b.example>\r\nDate: Thu, 1 Jan 2026 10:00:00 +0100\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/plain; charset=windows-1250\r\n\r\n\xe8\r\n"
    "--x\r\nContent-Type: text/html; charset=windows-1251; name*=windows-1251''%e8\r\n\r\n<p>\xe8\r\n"
    "--x\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a\r\n"
    "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n"
    "--x\r\nContent-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    /* METHOD:REPLY with a DTSTAMP in UTC and a DTSTART with TZID */
    "QkVHSU46VkNBTEVOREFSDQpNRVRIT0Q6UkVQTFkNCkJFR0lOOlZFVkVOVA0KVUlEOnUNCkRUU1RB\r\n"
    "TVA6MjAyNjAxMDFUMTAwMDAwWg0KRFRTVEFSVDtUWklEPUV1cm9wZS9CZWxncmFkZToyMDI2MDEw\r\n"
    "MVQxMDAwMDANCkVORDpWRVZFTlQNCkVORDpWQ0FMRU5EQVINCg==\r\n"
    "--x--\r\n";

static void warm_up(void)
{
    facts_init();
    json_t *facts;
    struct err err;
    if (facts_parse(warm_mail, sizeof warm_mail - 1, &facts, &err) < 0)
        bug("%s", err.text);
    free(json_dumps(facts, JSON_COMPACT));
    json_decref(facts);
}

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
    SCMP_SYS(read),         SCMP_SYS(write),       SCMP_SYS(close),          SCMP_SYS(brk),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),      SCMP_SYS(madvise),        SCMP_SYS(futex),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),  SCMP_SYS(rt_sigreturn),   SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction), SCMP_SYS(getpid),      SCMP_SYS(gettid),         SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(time),        SCMP_SYS(getrandom),      SCMP_SYS(fstat),
    SCMP_SYS(lseek),        SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall)};

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
    limit(RLIMIT_NOFILE, CAGE_FD + 1);
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

static bool answer(enum err_code code, const char *bytes, size_t len)
{
    struct cage_answer head = {.code = code, .len = (uint32_t)len};
    return write_all(&head, sizeof head) && write_all(bytes, len);
}

static bool answer_facts(const char *mail, size_t len)
{
    struct err err;
    json_t *facts;
    if (facts_parse(mail, len, &facts, &err) < 0)
        return answer(err.code, err.text, strlen(err.text));
    char *json = json_dumps(facts, JSON_COMPACT);
    json_decref(facts);
    must(json);
    bool ok = answer(ERR_NONE, json, strlen(json));
    free(json);
    return ok;
}

static bool answer_part(void *mem, const char *mail, const struct cage_request *request)
{
    struct err err;
    char *bytes;
    size_t len;
    if (facts_part(mem, mail, request->len, request->path, &bytes, &len, &err) < 0)
        return answer(err.code, err.text, strlen(err.text));
    return answer(ERR_NONE, bytes, len);
}

static bool serve_one(void)
{
    MEM_SCOPE(mem);
    struct cage_request request;
    if (!read_all(&request, sizeof request))
        return false;
    char *mail = talloc_size(mem, (size_t)request.len + 1);
    if (!read_all(mail, request.len))
        return false;
    mail[request.len] = 0;
    request.path[sizeof request.path - 1] = 0;
    return request.kind == CAGE_PART ? answer_part(mem, mail, &request) : answer_facts(mail, request.len);
}

int cage_main(void)
{
    warm_up();
    shut();
    while (serve_one())
        ;
    return 0;
}
