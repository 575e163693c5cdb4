/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_build.h"

#include <ctype.h>

struct db_build {
    const char *name;
    struct text sql;
    struct db_arg *arg;
    int n;
};

struct db_build *db_build_new(void *mem, const char *name)
{
    struct db_build *b = talloc_zero(mem, struct db_build);
    b->name = name;
    b->sql = text_new(b);
    b->arg = talloc_array(b, struct db_arg, 8);
    return b;
}

static void add_args(struct db_build *b, const struct db_arg *args, int n)
{
    must(b->n + n <= DB_BUILD_MAX_PARAMS);
    if ((size_t)(b->n + n) > talloc_array_length(b->arg))
        b->arg = talloc_realloc(b, b->arg, struct db_arg, (unsigned)(2 * (b->n + n)));
    for (int i = 0; i < n; i++) {
        struct db_arg *a = &b->arg[b->n++];
        *a = args[i];
        if (a->value)
            a->value = a->binary ? talloc_memdup(b, a->value, (size_t)a->len) : talloc_strdup(b, a->value);
    }
}

/* $1 of the part becomes the first number that is free; a dollar sign without a number stays what it is. */
static void add_text(struct db_build *b, const char *sql)
{
    int before = b->n;
    text_puts(&b->sql, b->sql.len ? "\n" : "");
    while (*sql) {
        size_t plain = strcspn(sql, "$");
        text_add(&b->sql, sql, plain);
        sql += plain;
        if (*sql != '$')
            return;
        sql++;
        if (isdigit((unsigned char)*sql)) {
            char *end;
            text_printf(&b->sql, "$%ld", before + strtol(sql, &end, 10));
            sql = end;
        } else {
            text_putc(&b->sql, '$');
        }
    }
}

void db_build_add_args(struct db_build *build, const struct db_part *part, const struct db_arg *args)
{
    add_text(build, part->sql);
    add_args(build, args, part->nparams);
}

void db_build_append(struct db_build *build, const struct db_build *other)
{
    add_text(build, other->sql.s);
    add_args(build, other->arg, other->n);
}

int db_build_params(const struct db_build *build)
{
    return build->n;
}

static struct db_stmt statement(const struct db_build *b)
{
    return (struct db_stmt){b->name, b->sql.s, DB_ROWS_many, b->n, true};
}

int db_build_run(struct db *db, struct db_rows **rows_r, struct err *err, const struct db_build *build)
{
    struct db_stmt stmt = statement(build);
    return db_run_args(db, rows_r, err, &stmt, build->arg);
}

int db_build_each(struct db *db, db_row_fn *fn, void *context, struct err *err, const struct db_build *build)
{
    struct db_stmt stmt = statement(build);
    return db_each_args(db, fn, context, err, &stmt, build->arg);
}
