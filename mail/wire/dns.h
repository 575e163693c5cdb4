/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Questions to the domain name system, and the only file that knows c-ares.
 *
 * Each question has one of three outcomes, and the third is never taken for the second: there is an answer;
 * the servers say that there is none; nobody knows (no server answers, or it fails).  What was asked is kept
 * as long as the resolver.  A resolver has a time for all of its questions together; what is open then is
 * unknown.
 */
#ifndef MAIL_WIRE_DNS_H
#define MAIL_WIRE_DNS_H

#include "base/mem.h"

enum dns_type { DNS_TXT, DNS_MX, DNS_A, DNS_AAAA, DNS_PTR };
enum dns_outcome { DNS_FOUND, DNS_NONE, DNS_UNKNOWN };

struct dns_answer {
    enum dns_outcome outcome;
    /* TXT: the strings of a record joined; MX: hosts, "" for the one of a null MX (RFC 7505); A, AAAA:
     * addresses as text; PTR: names.  What has a NUL inside is left out. */
    const char **value;
    size_t n;
    const char *why; /* unknown: what stood in the way, for a person */
};

struct dns;
/* server: "HOST:PORT" with an IP address, several with commas; NULL: the system's. */
int dns_open(void *mem, const char *server, int time_ms, struct dns **dns_r, struct err *err) MUST_CHECK;
/* Asks without waiting, so that the answers to several questions come at the same time. */
void dns_want(struct dns *dns, const char *name, enum dns_type type);
/* Waits for the answer; it lives as long as dns. */
const struct dns_answer *dns_get(struct dns *dns, const char *name, enum dns_type type);

/* The domain itself, or one below it. */
bool dns_is_within(const char *name, const char *domain);
/* An IP address as answers write it; NULL for what is none. */
char *dns_address(void *mem, const char *text);
/* 192.0.2.1: "1.2.0.192.in-addr.arpa"; NULL for what is no address. */
char *dns_reverse(void *mem, const char *ip);

#endif
