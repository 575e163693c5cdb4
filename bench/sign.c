/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * DKIM signatures a second of a letter of 5 KB, beside GnuTLS signing the same bytes with the same key and
 * nothing else; in one thread and in one for each processor.
 *
 *     sign [SECONDS]       a line each: key, threads, ours, bare, ours in % of it
 */
#include <gnutls/abstract.h>

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "mail/wire/dkim.h"

enum { LETTER_BYTES = 5 * 1024, MAX_THREADS = 64 };

struct run {
    struct dkim_order order;
    gnutls_privkey_t bare;
    gnutls_sign_algorithm_t algorithm;
    bool ours;
    const struct text *letter;
    double seconds;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sign_once(const struct run *r)
{
    if (r->ours) {
        MEM_SCOPE(mem);
        struct err err;
        char *fields;
        must(dkim_sign(mem, &r->order, r->letter->s, r->letter->len, &fields, &err) == 0);
        return;
    }
    gnutls_datum_t data = {(unsigned char *)r->letter->s, (unsigned)r->letter->len}, made;
    must(gnutls_privkey_sign_data2(r->bare, r->algorithm, 0, &data, &made) == 0);
    gnutls_free(made.data);
}

struct worker {
    const struct run *run;
    pthread_t thread;
    double rate;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    long n = 0;
    double begin = now(), took;
    do {
        for (int i = 0; i < 20; i++)
            sign_once(w->run);
        n += 20;
        took = now() - begin;
    } while (took < w->run->seconds);
    w->rate = (double)n / took;
    return NULL;
}

static double rate(const struct run *run, int threads)
{
    struct worker worker[MAX_THREADS];
    double sum = 0;
    for (int i = 0; i < threads; i++) {
        worker[i].run = run;
        must(pthread_create(&worker[i].thread, NULL, work, &worker[i]) == 0);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(worker[i].thread, NULL);
        sum += worker[i].rate;
    }
    return sum;
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
                      .letter = letter,
                      .seconds = seconds};
    gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem)};
    must(gnutls_privkey_init(&run.bare) == 0);
    must(gnutls_privkey_import_x509_raw(run.bare, &bytes, GNUTLS_X509_FMT_PEM, NULL, 0) == 0);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    for (int threads = 1; threads <= cpus && threads <= MAX_THREADS;
         threads += cpus > 1 ? (int)cpus - 1 : 1) {
        run.ours = true;
        double ours = rate(&run, threads);
        run.ours = false;
        double bare = rate(&run, threads);
        printf("%-16s %3d thread%s %9.0f /s ours %9.0f /s bare %6.1f %%\n", dkim_key_describe(mem, key),
               threads, threads > 1 ? "s" : " ", ours, bare, 100 * ours / bare);
    }
    gnutls_privkey_deinit(run.bare);
}

int main(int argc, char **argv)
{
    mem_init();
    MEM_SCOPE(mem);
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
    struct text letter = letter_new(mem);
    measure(mem, DKIM_ED25519, &letter, seconds);
    measure(mem, DKIM_RSA, &letter, seconds);
    return 0;
}
