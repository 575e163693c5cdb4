/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/deliver.h"

#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd_functions.h"

enum { LONGEST_WAIT_S = 10 };

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
    (void)sig;
    stop = 1;
}

static void show(struct cmd *c, const char *account, const struct deliver_sum *sum)
{
    if (c->json)
        cmd_print_json(json_pack("{s:s, s:I, s:I, s:I, s:I}", "account", account, "accepted",
                                 (json_int_t)sum->accepted, "deferred", (json_int_t)sum->deferred, "refused",
                                 (json_int_t)sum->refused, "unknown", (json_int_t)sum->unknown));
    else
        printf(_("%s: %ld accepted, %ld deferred, %ld refused, %ld unknown\n"), account, sum->accepted,
               sum->deferred, sum->refused, sum->unknown);
}

/* A lasting process whose servers are away, as PostgreSQL is while another one takes over, or that was
 * frozen, begins anew with a new lease. */
static int run(struct cmd *c, const struct deliver_options *o, struct deliver_sum *sum, struct err *err)
{
    for (unsigned wait_s = 1;; wait_s = wait_s < LONGEST_WAIT_S / 2 ? wait_s * 2 : LONGEST_WAIT_S) {
        time_t began = time(NULL);
        int rc = deliver_run(o, sum, err);
        if (rc == 0 || o->once || stop || (err->code != ERR_AWAY && err->code != ERR_AGAIN))
            return rc;
        show(c, o->account->name, sum);
        *sum = (struct deliver_sum){0};
        if (time(NULL) - began > LONGEST_WAIT_S)
            wait_s = 1;
        log_warning("%s; again in %u s", err->text, wait_s);
        for (unsigned left = wait_s; left && !stop;)
            left = sleep(left);
        if (stop)
            return 0;
    }
}

static int deliver_account(struct cmd *c, const struct conf_smtp *account, const struct keyring *ring,
                           bool once)
{
    struct err err = {0};
    struct deliver_sum sum = {0};
    struct signer *signer;
    if (signer_open(c->mem, c->conf, account->from_address, &signer, &err) < 0)
        return cmd_fail(c, &err);
    struct deliver_options o = {
        .conf = c->conf, .account = account, .ring = ring, .signer = signer, .once = once, .stop = &stop};
    int rc = run(c, &o, &sum, &err);
    show(c, account->name, &sum);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}

/* One account after the other with --once; a lasting process serves one account (serve starts one for each).
 */
int cmd_deliver(struct cmd *c, int argc, char **argv)
{
    struct err err = {0};
    bool once = false;
    const char *account = NULL;
    struct keyring *ring;
    const struct cmd_option options[] = {{"once", CMD_FLAG, &once}, {"account", CMD_TEXT, &account}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "deliver [--once] [--account NAME]");
    if (cmd_conf(c, &err) < 0 || keyring_open(c->mem, c->conf->keys.file, &ring, &err) < 0)
        return cmd_fail(c, &err);
    if (!conf_find_smtp(c->conf, account)) {
        err_set(&err, ERR_CONFIG, "%s: there is no [smtp %s]", c->conf->path, account ? account : "NAME");
        return cmd_fail(c, &err);
    }
    err_language(NULL); /* its reasons are kept */
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGHUP, &act, NULL); /* as when the terminal that it was started from is closed */
    int rc = 0;
    for (const struct conf_smtp *a = conf_find_smtp(c->conf, account); a && !stop;
         a = account ? NULL : a->next) {
        int this = deliver_account(c, a, ring, once);
        rc = this ? this : rc;
    }
    return rc;
}
