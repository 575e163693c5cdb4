/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * DKIM signatures a second of a letter of 5 KB, all that belongs to them, beside what GnuTLS needs for the
 * bare signature with the same key: of the letter with RSA, of a SHA-256 with Ed25519.  Both take turns of a
 * tenth of a second.  One thread's seconds are those that it had a processor for; those of several, which
 * show whether they wait for each other, are the clock's.
 *
 *     sign [SECONDS]       a line for each key and number of threads
 */
#include <gnutls/abstract.h>

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "mail/wire/dkim.h"

#define TURN_S 0.1
enum { LETTER_BYTES = 5 * 1024, SHA256_BYTES = 32, MAX_THREADS = 64 };

struct run {
    struct dkim_order order;
    gnutls_privkey_t bare;
    gnutls_sign_algorithm_t algorithm;
    const struct text *letter;
};

struct worker {
    const struct run *run;
    pthread_t thread;
    bool ours;
    long n;
    double seconds; /* of a processor */
};

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sign_ours(const struct run *r)
{
    MEM_SCOPE(mem);
    struct err err;
    char *fields;
    must(dkim_sign(mem, &r->order, r->letter->s, r->letter->len, &fields, &err) == 0);
}

static void sign_bare(const struct run *r)
{
    bool rsa = r->algorithm == GNUTLS_SIGN_RSA_SHA256;
    gnutls_datum_t made,
        data = {(unsigned char *)r->letter->s, rsa ? (unsigned)r->letter->len : SHA256_BYTES};
    must(gnutls_privkey_sign_data2(r->bare, r->algorithm, 0, &data, &made) == 0);
    gnutls_free(made.data);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    double begin = now(CLOCK_MONOTONIC), cpu = now(CLOCK_THREAD_CPUTIME_ID);
    for (; now(CLOCK_MONOTONIC) - begin < TURN_S; w->n++)
        (w->ours ? sign_ours : sign_bare)(w->run);
    w->seconds += now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    return NULL;
}

static double turn(struct worker *worker, int threads)
{
    double begin = now(CLOCK_MONOTONIC);
    for (int i = 0; i < threads; i++)
        must(pthread_create(&worker[i].thread, NULL, work, &worker[i]) == 0);
    for (int i = 0; i < threads; i++)
        pthread_join(worker[i].thread, NULL);
    return now(CLOCK_MONOTONIC) - begin;
}

/* Signatures a second: [0] bare, [1] ours */
static void rates(const struct run *run, int threads, double seconds, double rate[2])
{
    struct worker worker[2][MAX_THREADS] = {0};
    double clock[2] = {0}, begin = now(CLOCK_MONOTONIC);
    while (now(CLOCK_MONOTONIC) - begin < seconds)
        for (int ours = 0; ours < 2; ours++) {
            for (int i = 0; i < threads; i++) {
                worker[ours][i].run = run;
                worker[ours][i].ours = ours;
            }
            clock[ours] += turn(worker[ours], threads);
        }
    for (int ours = 0; ours < 2; ours++) {
        long n = 0;
        for (int i = 0; i < threads; i++)
            n += worker[ours][i].n;
        rate[ours] = (double)n / (threads > 1 ? clock[ours] : worker[ours][0].seconds);
    }
}

/* An office's letter: a header, and text in two parts with a few indented lines. */
static struct text letter_new(void *mem)
{
    struct text t = text_new(mem);
    text_puts(&t, "From: Municipality of Klokot <office@klokot.example>\r\n"
                  "To: Dragan =?UTF-8?Q?Stojkovi=C4=87?= <dragan@people.example>\r\n"
                  "Subject: Notice to Dragan\r\nDate: Mon, 30 Nov 2026 10:00:00 +0100\r\n"
                  "Message-ID: <o1.1.abcd.abcdefghijklmnop@klokot.example>\r\nContent-Language: en\r\n"
                  "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_1\"\r\n\r\n");
    for (int i = 0; t.len < LETTER_BYTES; i++)
        text_puts(&t, i % 8 ? "The municipality asks all who keep land along the road to look after the\r\n"
                            : "    <p>indented,  as HTML is</p> \r\n");
    return t;
}

static void measure(void *mem, enum dkim_algorithm algorithm, const struct text *letter, double seconds)
{
    struct dkim_key *key;
    struct err err;
    const char *pem = dkim_key_new(mem, algorithm);
    must(dkim_key_parse(mem, pem, &key, &err) == 0);
    struct run run = {.order = {.domain = "klokot.example", .selector = {{"bench", key}}, .n = 1},
                      .algorithm = algorithm == DKIM_RSA ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_EDDSA_ED25519,
                      .letter = letter};
    gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem)};
    must(gnutls_privkey_init(&run.bare) == 0);
    must(gnutls_privkey_import_x509_raw(run.bare, &bytes, GNUTLS_X509_FMT_PEM, NULL, 0) == 0);
    int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int threads = 1; threads <= cpus && threads <= MAX_THREADS; threads += cpus > 1 ? cpus - 1 : 1) {
        double rate[2];
        rates(&run, threads, seconds, rate);
        printf("%-16s %3d thread%s %9.0f /s ours %9.0f /s bare %6.1f %%\n", dkim_key_describe(mem, key),
               threads, threads > 1 ? "s" : " ", rate[1], rate[0], 100 * rate[1] / rate[0]);
    }
    gnutls_privkey_deinit(run.bare);
}

int main(int argc, char **argv)
{
    mem_init();
    MEM_SCOPE(mem);
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 4;
    struct text letter = letter_new(mem);
    measure(mem, DKIM_ED25519, &letter, seconds);
    measure(mem, DKIM_RSA, &letter, seconds);
    return 0;
}
