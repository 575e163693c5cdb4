/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/smtp_script.h"

const struct smtp_envelope smtp_script_envelope = {.from = "a@x.test", .to = "b@y.test"};

int smtp_script_begin(struct smtp_script *f, enum stream_tls tls, const char *const *steps)
{
    f->mem = talloc_new(NULL);
    char *ca = f->certificates ? talloc_asprintf(f->mem, "%s/ca.pem", f->certificates) : NULL;
    assert_int_equal(stream_context_new(f->mem, ca, &f->tls, &f->err), 0);
    scripted_start(&f->server, f->certificates, steps);
    f->options.stream.host = "127.0.0.1";
    f->options.stream.port = f->server.port;
    f->options.stream.tls = tls;
    if (!f->options.stream.timeout_s)
        f->options.stream.timeout_s = 5;
    if (!f->options.helo)
        f->options.helo = "me.test";
    return smtp_open(f->mem, f->tls, &f->options, &f->smtp, &f->err);
}

char *smtp_script_end(struct smtp_script *f)
{
    char *said;
    smtp_close(f->smtp);
    assert_int_equal(scripted_end(f->mem, &f->server, &said), 0);
    return said;
}

void smtp_script_end_free(struct smtp_script *f)
{
    smtp_script_end(f);
    talloc_free(f->mem);
}

void smtp_script_begin_plain(struct smtp_script *f, const char *const *steps)
{
    if (smtp_script_begin(f, STREAM_PLAIN, steps) < 0)
        fail_msg("%s", f->err.text);
}

void smtp_script_expect(const struct smtp_result *r, enum smtp_outcome outcome, const char *stage, int code,
                        bool dead)
{
    if (r->outcome != outcome || strcmp(r->stage, stage) || r->code != code || r->session_dead != dead)
        fail_msg("outcome %d at %s code %d dead %d (%s); wanted %d at %s code %d dead %d", r->outcome,
                 r->stage, r->code, r->session_dead, r->text, outcome, stage, code, dead);
}
