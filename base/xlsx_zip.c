/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The only file that knows libzip.  Sizes that the archive states are believed only where they make it
 * smaller: what counts is what comes out, against what went in.  Nothing is unpacked but the parts that the
 * workbook needs, and no archive inside the archive is looked at.
 */
#include "base/xlsx_part.h"

#include <strings.h>
#include "base/zip_lazy.h"

enum {
    MAX_ENTRIES = 10000,
    MAX_RATIO = 100,
    FREE_BYTES = 16 << 20, /* without looking at the ratio */
};

struct xlsx_package {
    zip_t *zip;
    uint64_t idle;
};

struct xlsx_part {
    const char *name;
    zip_file_t *file; /* or NULL and bytes */
    const char *bytes;
    uint64_t packed, read, max;
    uint64_t *idle, own_idle; /* idle: of its package, or its own */
};

/* ---- what else it may be */

static int refuse_other(const char *bytes, size_t len, struct err *err)
{
    static const char ole[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    static const char encrypted[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    if (!len)
        return err_set(err, ERR_INPUT, "is empty");
    if (len < 8 || memcmp(bytes, ole, 8))
        return err_set(err, ERR_INPUT, "is no spreadsheet (.xlsx)");
    if (memmem(bytes, len, encrypted, sizeof encrypted))
        return err_set(err, ERR_INPUT,
                       "is protected by a password; open it in the spreadsheet program and save it without");
    return err_set(err, ERR_INPUT,
                   "is an old spreadsheet (.xls); open it in the spreadsheet program and save it as .xlsx");
}

/* The archive's directory, of whichever end of it libzip will believe, has one of these for each entry. */
static bool has_too_many_entries(const char *bytes, size_t len)
{
    const char *at = bytes, *end = bytes + len;
    for (size_t n = 0; (at = memmem(at, (size_t)(end - at), "PK\x01\x02", 4)); at += 4)
        if (++n > MAX_ENTRIES)
            return true;
    return false;
}

static int broken(zip_error_t *why, struct err *err)
{
    err_set(err, ERR_INPUT, "is damaged or was not copied as a whole (%s)", zip_error_strerror(why));
    zip_error_fini(why);
    return -1;
}

/* ---- all entries */

static int compare_names(const void *a, const void *b)
{
    return strcasecmp(*(char *const *)a, *(char *const *)b);
}

static int check_entries(zip_t *zip, size_t len, struct err *err)
{
    MEM_SCOPE(mem);
    zip_int64_t n = zip_get_num_entries(zip, 0);
    if (n < 0 || n > MAX_ENTRIES)
        return err_set(err, ERR_INPUT, "holds more than %d parts", MAX_ENTRIES);
    const char **names = talloc_zero_array(mem, const char *, (size_t)n);
    uint64_t packed = 0;
    for (zip_int64_t i = 0; i < n; i++) {
        zip_stat_t stat;
        names[i] = zip_get_name(zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        if (!names[i] || zip_stat_index(zip, (zip_uint64_t)i, 0, &stat) < 0)
            return broken(zip_get_error(zip), err);
        if (stat.comp_size > len || (packed += stat.comp_size) > len)
            return err_set(err, ERR_INPUT, "is no spreadsheet: its parts overlap each other");
    }
    qsort(names, (size_t)n, sizeof *names, compare_names);
    for (zip_int64_t i = 1; i < n; i++)
        if (!strcasecmp(names[i - 1], names[i]))
            return err_set(err, ERR_INPUT, "is damaged: it holds two parts %.100s", names[i]);
    return 0;
}

static int package_gone(struct xlsx_package *package)
{
    zip_discard(package->zip);
    return 0;
}

void xlsx_package_init(void)
{
    lazy_need(&zip_lazy);
}

int xlsx_package_open(void *mem, const char *bytes, size_t len, struct xlsx_package **package_r,
                      struct err *err)
{
    zip_error_t why;
    if (len < 4 || memcmp(bytes, "PK", 2))
        return refuse_other(bytes, len, err);
    if (has_too_many_entries(bytes, len))
        return err_set(err, ERR_INPUT, "holds more than %d parts", MAX_ENTRIES);
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes, len, 0, &why);
    if (!source)
        return broken(&why, err);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY, &why);
    if (!zip) {
        zip_source_free(source);
        return broken(&why, err);
    }
    zip_error_fini(&why);
    struct xlsx_package *package = talloc(mem, struct xlsx_package);
    *package = (struct xlsx_package){zip, 0};
    talloc_set_destructor(package, package_gone);
    *package_r = package;
    return check_entries(zip, len, err);
}

/* ---- one part */

static zip_int64_t locate(struct xlsx_package *package, const char *name)
{
    return zip_name_locate(package->zip, name, ZIP_FL_NOCASE);
}

bool xlsx_package_has(struct xlsx_package *package, const char *name)
{
    return locate(package, name) >= 0;
}

uint64_t xlsx_package_size(struct xlsx_package *package, const char *name)
{
    zip_stat_t stat;
    zip_int64_t i = locate(package, name);
    return i < 0 || zip_stat_index(package->zip, (zip_uint64_t)i, 0, &stat) < 0 ? 0 : stat.size;
}

static int part_gone(struct xlsx_part *part)
{
    if (part->file)
        zip_fclose(part->file);
    return 0;
}

int xlsx_part_open(void *mem, struct xlsx_package *package, const char *name, uint64_t max,
                   struct xlsx_part **part_r, struct err *err)
{
    zip_stat_t stat;
    zip_int64_t i = locate(package, name);
    if (i < 0)
        return err_set(err, ERR_INPUT, "is damaged: its part %.100s is missing", name);
    if (zip_stat_index(package->zip, (zip_uint64_t)i, 0, &stat) < 0)
        return broken(zip_get_error(package->zip), err);
    if (stat.encryption_method != ZIP_EM_NONE)
        return err_set(err, ERR_INPUT, "is protected by a password; save it without");
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
        return err_set(err, ERR_INPUT, "is packed in a way that spreadsheets are not (%d)", stat.comp_method);
    struct xlsx_part *part = xlsx_part_of_bytes(mem, name, "", 0);
    part->packed = stat.comp_size;
    part->max = max;
    part->idle = &package->idle;
    part->file = zip_fopen_index(package->zip, (zip_uint64_t)i, 0);
    if (!part->file)
        return broken(zip_get_error(package->zip), err);
    talloc_set_destructor(part, part_gone);
    *part_r = part;
    return 0;
}

struct xlsx_part *xlsx_part_of_bytes(void *mem, const char *name, const char *bytes, size_t len)
{
    struct xlsx_part *part = talloc_zero(mem, struct xlsx_part);
    *part = (struct xlsx_part){
        .name = talloc_strdup(part, name), .bytes = bytes, .packed = len, .max = UINT64_MAX};
    part->idle = &part->own_idle;
    return part;
}

static int read_bytes(struct xlsx_part *part, char *to, int size)
{
    uint64_t left = part->packed - part->read;
    int n = left < (uint64_t)size ? (int)left : size;
    memcpy(to, part->bytes + part->read, (size_t)n);
    part->read += (uint64_t)n;
    return n;
}

int xlsx_part_read(struct xlsx_part *part, char *to, int size, struct err *err)
{
    if (!part->file)
        return read_bytes(part, to, size);
    zip_int64_t n = zip_fread(part->file, to, (zip_uint64_t)size);
    if (n < 0) {
        broken(zip_file_get_error(part->file), err);
        return err_context(err, "%.100s", part->name);
    }
    part->read += (uint64_t)n;
    if (part->read > part->max)
        return err_set(err, ERR_INPUT, "%.100s unpacks to more than %d MB", part->name,
                       (int)(part->max >> 20));
    if (part->read > FREE_BYTES && part->read / MAX_RATIO > part->packed)
        return err_set(err, ERR_INPUT, "%.100s unpacks to more than %d times its size, as no list does",
                       part->name, MAX_RATIO);
    return (int)n;
}

uint64_t *xlsx_part_idle(struct xlsx_part *part)
{
    return part->idle;
}

const char *xlsx_part_name(const struct xlsx_part *part)
{
    return part->name;
}
