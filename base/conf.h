/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The configuration: one ini file, read once, and one table of its keys (conf.c), from which adresar.conf(5)
 * is checked.  `[section]` or `[section NAME]`, `key = value`, comments with # or ; at the begin of a line.
 * An unknown section or key, a key given twice, a value out of range: ERR_CONFIG with file and line.  Secrets
 * stand in files of their own (`..._file`, base/secret.h).
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/mem.h"

enum conf_tls { CONF_TLS_STARTTLS, CONF_TLS_IMPLICIT, CONF_TLS_NONE }; /* none: loopback only */
/* How the envelope sender says which letter it is of: LOCAL+TOKEN@DOMAIN, TOKEN@DOMAIN, not at all. */
enum conf_verp { CONF_VERP_BY_ADDRESS, CONF_VERP_PLUS, CONF_VERP_CATCHALL, CONF_VERP_NONE };

struct conf_smtp {
    const char *name;
    const char *host, *port;
    const char *verify_name; /* name in the certificate; default: host */
    const char *ca_file;     /* default: the system's */
    enum conf_tls tls;
    const char *user, *password_file, *token_file; /* no AUTH without user; one of the two files with it */
    const char *mechanism; /* SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN; with a token OAUTHBEARER, XOAUTH2;
                              default: best that the server offers */
    const char *from_name, *from_address;
    /* in whose name invitations go out, and where calendars answer to: default from_name and from_address */
    const char *organizer_name, *organizer_address;
    const char *bounce_address; /* envelope sender, or *@DOMAIN (mail/envelope.h); default: from_address */
    enum conf_verp verp;        /* never BY_ADDRESS once it is loaded */
    const char *helo;
    const char *journal;       /* address that gets a copy of each letter, or NULL */
    int connections;           /* default 4 */
    int per_minute;            /* 0 = no limit of ours */
    const char *per_minute_to; /* mail/pace_to.h */
    int per_session; /* messages until a connection is made anew; 0 = no limit of ours, default 1000 */
    int lease_s;     /* of a claimed row, default 60 */
    int timeout_s;   /* for everything but the final dot, default 300 (RFC 5321 4.5.3.2) */
    const char *ips; /* from which the server sends to the world, blanks or commas between; NULL: not known */
    int max_message_bytes; /* that it takes (SIZE); 0: not known */
    struct conf_smtp *next;
};

struct conf_imap {
    const char *name;
    const char *host, *port, *verify_name, *ca_file;
    enum conf_tls tls;
    const char *user, *password_file, *token_file, *mechanism;
    const char *address;     /* the mailbox's own address */
    const char *folders;     /* comma separated, default INBOX */
    const char *sent;        /* folder of what its owner sent; "\\Sent": the server knows; "": none */
    const char *since;       /* what came before that day is not read, YYYY-MM-DD; NULL: everything is */
    const char *consent;     /* by whose consent it is read, and since when; NULL: not said */
    const char *authserv_id; /* whose Authentication-Results are believed (RFC 8601) */
    bool personal;           /* kind = office | personal */
    int max_message_bytes;   /* default 50 MB */
    struct conf_imap *next;
};

/* Whose keys sign mail from the domain, or below it; lists of selectors, with blanks or commas between. */
struct conf_dkim {
    const char *domain;
    const char *sign; /* NULL: none */
    const char *idle; /* kept in DNS, but not signing: not yet, or no more */
    struct conf_dkim *next;
};

struct conf {
    const char *path;
    struct {
        const char *conninfo;
    } database;
    struct {
        const char *name;             /* as people know it */
        const char *domain;           /* right side of Message-IDs and calendar UIDs */
        const char *language;         /* of registers: sq, sr-Latn, sr-Cyrl, en */
        const char *time_zone;        /* IANA, default Europe/Belgrade */
        const char *country;          /* ISO 3166, for national phone numbers: XK */
        const char *country_language; /* of other countries' names on envelopes: en, fr, sq, sr-Latn ... */
        const char *phone, *email, *person, *mayor; /* office.*, mayor.name in letters; any may be NULL */
        const char *default_language;               /* last fall-back of templates */
        const char *address, *place, *logo; /* of the letterhead; logo is a PNG's path; any may be NULL */
        const char *unsubscribe_url;        /* https://..., the token goes behind it; NULL: by mail alone */
        int days_between;                   /* of mailings to one contact; 0: any */
        int per_month;                      /* mailings to one contact; 0: any number */
    } office;
    struct {
        const char *file;        /* the keyring, base/keyring.h */
        const char *dkim_folder; /* SELECTOR.DOMAIN.pem; default dkim, beside the configuration */
    } keys;
    struct {
        const char *server; /* HOST:PORT, for questions about the sender's domain; NULL: the system's */
    } dns;
    struct conf_smtp *smtp;
    struct conf_imap *imap;
    struct conf_dkim *dkim;
};

/* path NULL: $ADRESAR_CONF, else /etc/adresar/adresar.conf.  The struct is a talloc child of mem. */
int conf_load(void *mem, const char *path, struct conf **conf_r, struct err *err) MUST_CHECK;
/* name NULL or "": the first; of several names with commas between them the first of these. NULL if there is
 * none of the name. */
const struct conf_smtp *conf_find_smtp(const struct conf *conf, const char *name);
const struct conf_imap *conf_find_imap(const struct conf *conf, const char *name);
const struct conf_dkim *conf_find_dkim(const struct conf *conf, const char *domain);
/* A text that may stand in several languages, "sq: Radivoje Simijonoviq | sr-Cyrl: Радивоје Симијоновић |
 * Radivoje Simijonović": the one for the language, else the one without a language. NULL for NULL. */
const char *conf_in_language(void *mem, const char *value, const char *language);
/* Names with commas between; blanks around them do not belong to them. How many, talloc children of mem. */
size_t conf_split(void *mem, const char *list, char **name, size_t max);

#endif
