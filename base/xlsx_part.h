/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside the cage, below the reader of spreadsheets: parts of the package, a walk through the XML of one, and
 * what relates them.  xlsx_zip.c unpacks, xlsx_xml.c walks, xlsx_book.c knows what leads where.
 */
#ifndef BASE_XLSX_PART_H
#define BASE_XLSX_PART_H

#include "base/catalog.h"
#include "base/xlsx.h"

/* Load the libraries, which the cage cannot any more. */
void xlsx_package_init(void);
void xlsx_xml_init(void);

/* ---- parts of the package (libzip) */

struct xlsx_package;
struct xlsx_part;

/* Of bytes that stay; ERR_INPUT says what the file is instead, or what is wrong with it. */
int xlsx_package_open(void *mem, const char *bytes, size_t len, struct xlsx_package **package_r,
                      struct err *err) MUST_CHECK;
bool xlsx_package_has(struct xlsx_package *package, const char *name);
/* Unpacked, as the archive says; when that is not so, reading finds it out.  0: there is none. */
uint64_t xlsx_package_size(struct xlsx_package *package, const char *name);
/* A part to read from its beginning; it ends with mem.  max: bytes, unpacked. */
int xlsx_part_open(void *mem, struct xlsx_package *package, const char *name, uint64_t max,
                   struct xlsx_part **part_r, struct err *err) MUST_CHECK;
/* One without a package, for tests. */
struct xlsx_part *xlsx_part_of_bytes(void *mem, const char *name, const char *bytes, size_t len);
/* How many bytes came, 0 at the end, -1. */
int xlsx_part_read(struct xlsx_part *part, char *to, int size, struct err *err) MUST_CHECK;
const char *xlsx_part_name(const struct xlsx_part *part);
/* The bytes that were walked through in this package and led to nothing. */
uint64_t *xlsx_part_idle(struct xlsx_part *part);

/* ---- XML (expat) */

/* What may stand in what; a table of these ends with {0}, the first is the root.  Everything else is skipped
 * with all that it holds.  Names are compared without their prefix, so that any namespace will do. */
struct xlsx_element {
    const char *name;
    unsigned char parent, id; /* ids from 1; 0: the document */
    bool text;                /* its characters are wanted */
};

/* of the limits on that, here and of xlsx_scan */
#define XLSX_EMPTY                                                                                           \
    N_("more than %d MB that hold nothing; delete the empty rows and formats, or save the sheet as CSV")

enum { XLSX_FOUND = 1 << 10 }; /* bytes that hold nothing are made up for by what does */

/* Bytes that are not parsed, cut at tags; {0}: none. */
#define XLSX_TO_END UINT64_MAX /* the document ends there, with its elements open */
struct xlsx_hole {
    uint64_t from, to;
};

struct xlsx_xml {
    const struct xlsx_element *grammar;
    /* NULL: not wanted.  Attributes: name, value, name, value ... NULL. */
    int (*start)(struct xlsx_xml *xml, int id, const char **attributes, struct err *err);
    /* text: with a NUL behind it, at most CSV_MAX_CELL_BYTES; "" where none is wanted */
    int (*end)(struct xlsx_xml *xml, int id, const struct text *text, struct err *err);
    void *context;
    struct xlsx_hole hole;
    uint64_t found; /* counted by start and end: XLSX_FOUND for what somebody can want, and its text */
};
int xlsx_xml_run(struct xlsx_xml *xml, struct xlsx_part *part, struct err *err) MUST_CHECK;
/* by its name without prefix, or NULL */
const char *xlsx_attribute(const char **attributes, const char *name);
bool xlsx_attribute_is_true(const char **attributes, const char *name);

/* ---- relations */

struct xlsx_relation {
    const char *id, *type; /* type: the last word of its URI; "": none that we read */
    const char *target;    /* of a part its name, of others what is written */
    bool external;
};
struct xlsx_relations {
    struct xlsx_relation *at; /* by id */
    size_t n;
};
/* of a part; none is no error */
int xlsx_relations_read(void *mem, struct xlsx_package *package, const char *name,
                        struct xlsx_relations *relations_r, struct err *err) MUST_CHECK;
const struct xlsx_relation *xlsx_relation_find(const struct xlsx_relations *relations, const char *id);

#endif
