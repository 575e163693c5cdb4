/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/listplan.h"

#include "base/unicode.h"
#include "crm/listcard.h"
#include "crm/mapping_propose.h"

struct planning {
    void *mem;
    const struct listplan_options *options;
    struct list_plan *plan;
    struct mapping *given; /* NULL: none */
};

static bool is_wanted(const struct planning *p, size_t sheet)
{
    MEM_SCOPE(mem);
    const struct listfile_sheet *s = &p->plan->file.sheet[sheet];
    if (!p->options->sheet)
        return !s->hidden && s->records;
    return s->name && !strcmp(unicode_fold(mem, s->name), unicode_fold(mem, p->options->sheet));
}

static int refuse_sheet(const struct planning *p, struct err *err)
{
    MEM_SCOPE(mem);
    const struct listfile *file = &p->plan->file;
    struct text all = text_new(mem);
    for (size_t i = 0; i < file->nsheets && all.len < 600; i++)
        if (file->sheet[i].name)
            text_printf(&all, "%s\"%s\"", all.len ? ", " : "", file->sheet[i].name);
    if (!all.len)
        return err_set(err, ERR_INPUT, "%s: has no sheets; leave --sheet out", file->path);
    return err_set(err, ERR_INPUT, "%s: has no sheet \"%s\"; it has %s", file->path, p->options->sheet,
                   all.s);
}

/* ---- the mapping of a part */

static int use(struct planning *p, struct list_part *part, const char *origin, const char *text,
               struct err *err)
{
    const struct list_head *head = &part->head;
    struct mapping *mapping;
    if (mapping_parse(p->mem, p->plan->file.path, text, &mapping, err) < 0)
        return -1;
    part->mapping = mapping_for_sheet(mapping, head->sheet_name);
    if (!part->mapping)
        return err_set(err, ERR_INPUT, "%s: the mapping has no part for it", p->plan->file.path);
    part->origin = origin;
    return mapping_bind(part->mapping, head->label, head->n, err);
}

/* A remembered mapping that does not fit any more is no error: another is proposed. */
static int find_mapping(struct planning *p, struct list_part *part, struct err *err)
{
    const struct listplan_options *o = p->options;
    const char *text = NULL;
    char *proposed;
    struct err ignored;
    if (p->plan->file.cards)
        return use(p, part, "cards", listcard_mapping(p->mem), err);
    if (o->recall && o->recall(o->context, p->mem, part->head.shape, &text, err) < 0)
        return -1;
    if (text && use(p, part, "remembered", text, &ignored) == 0)
        return 0;
    if (mapping_propose(p->mem, &p->plan->file, &part->head, &proposed, err) < 0)
        return -1;
    if (use(p, part, "proposed", proposed, err) == 0)
        return 0;
    return err_set(
        err, ERR_INPUT,
        "%s: no column is called like a name or an organisation; a mapping file (--map) says which "
        "column is what, and \"adresar contact mapping\" writes one to begin with",
        p->plan->file.path);
}

/* ---- parts */

static struct list_part *add_part(struct planning *p)
{
    struct list_plan *plan = p->plan;
    plan->part = talloc_realloc(p->mem, plan->part, struct list_part, (unsigned)plan->n + 1);
    plan->part[plan->n] = (struct list_part){0};
    return &plan->part[plan->n];
}

static void leave_out(struct planning *p, size_t sheet)
{
    struct list_plan *plan = p->plan;
    plan->left_out = talloc_realloc(p->mem, plan->left_out, const char *, (unsigned)plan->nleft_out + 1);
    plan->left_out[plan->nleft_out++] = plan->file.sheet[sheet].name ? plan->file.sheet[sheet].name : "";
}

static int plan_sheet(struct planning *p, size_t sheet, struct err *err)
{
    struct list_part *part = add_part(p);
    const struct listfile *file = &p->plan->file;
    struct mapping *given = p->given ? mapping_for_sheet(p->given, file->sheet[sheet].name) : NULL;
    int found = p->given && !given ? 0 : listhead_find(p->mem, file, sheet, given, &part->head, err);
    if (found < 0)
        return -1;
    if (!found) {
        leave_out(p, sheet);
        return 0;
    }
    if (given) {
        part->mapping = given;
        part->origin = "given";
        if (mapping_bind(given, part->head.label, part->head.n, err) < 0)
            return -1;
    } else if (find_mapping(p, part, err) < 0)
        return -1;
    p->plan->n++;
    return 0;
}

/* Nothing fits the mapping that was given: the row that is most like a header, or the first, says what is
 * missing. */
static int bind_first(void *context, const struct csv_record *record, struct err *err)
{
    struct mapping *given = context;
    if (mapping_bind(given, record->cell, record->n, err) < 0)
        return -1;
    return err_set(err, ERR_INPUT, "has no row below the header");
}

static int refuse_given(struct planning *p, size_t sheet, struct err *err)
{
    struct list_head head;
    const struct listfile *file = &p->plan->file;
    struct mapping *given = mapping_for_sheet(p->given, file->sheet[sheet].name);
    if (!given)
        return err_set(err, ERR_INPUT, "%s: none of its sheets is named in %s", file->path,
                       p->options->map_file);
    int found = listhead_find(p->mem, file, sheet, NULL, &head, err);
    if (found < 0)
        return -1;
    if (found && mapping_bind(given, head.label, head.n, err) < 0)
        return err_context(err, "%s", file->path);
    if (listfile_each(file, sheet, bind_first, given, err) < 0)
        return -1;
    return err_set(err, ERR_INPUT, "%s: is empty", file->path);
}

static int plan_file(struct planning *p, struct err *err)
{
    const struct listfile *file = &p->plan->file;
    size_t wanted = 0, first = 0;
    for (size_t i = 0; i < file->nsheets; i++) {
        if (!is_wanted(p, i))
            continue;
        if (!wanted++)
            first = i;
        if (plan_sheet(p, i, err) < 0)
            return -1;
    }
    if (!wanted && p->options->sheet)
        return refuse_sheet(p, err);
    if (p->plan->n)
        return 0;
    if (p->given)
        return refuse_given(p, first, err);
    return err_set(
        err, ERR_INPUT,
        "%s: none of the first rows is a header; put the names of the columns (name, organisation, "
        "e-mail ...) above the rows",
        file->path);
}

int listplan_make(void *mem, const struct listplan_options *o, struct list_plan *plan_r, struct err *err)
{
    struct planning p = {.mem = mem, .options = o, .plan = plan_r};
    struct listfile_options options = {.encoding = o->encoding, .delimiter = o->delimiter};
    *plan_r = (struct list_plan){0};
    if (o->map_file && mapping_load(mem, o->map_file, &p.given, err) < 0)
        return -1;
    if (listfile_open(mem, o->file, &options, &plan_r->file, err) < 0)
        return -1;
    if (o->format && strcmp(o->format, plan_r->file.format) != 0)
        return err_set(err, ERR_INPUT, "%s: is %s, not %s", o->file, plan_r->file.format, o->format);
    return plan_file(&p, err);
}

/* ---- the rows */

struct walk {
    const struct list_part *part;
    struct list_body body;
    listplan_row_fn *fn;
    void *context;
    const char **cell; /* room for rows that end before the header does */
    size_t *size;
    bool padded;
};

/* In a spreadsheet nothing says how wide a row is. */
static void pad(struct walk *w, struct csv_record *record)
{
    if (!w->padded || record->n >= record->width)
        return;
    memcpy(w->cell, record->cell, record->n * sizeof *w->cell);
    memcpy(w->size, record->size, record->n * sizeof *w->size);
    for (size_t i = record->n; i < record->width; i++) {
        w->cell[i] = "";
        w->size[i] = 0;
    }
    record->cell = w->cell;
    record->size = w->size;
    record->n = record->width;
}

static int walk_record(void *context, const struct csv_record *record, struct err *err)
{
    struct walk *w = context;
    if (record->number <= w->part->head.row)
        return 0;
    enum listhead_kind kind = listhead_judge(&w->body, record);
    if (kind == LISTHEAD_EMPTY)
        return 0;
    struct csv_record row = *record;
    row.width = w->part->head.n;
    pad(w, &row);
    return w->fn(w->context, w->part, &row, kind, w->body.category, err);
}

int listplan_each(const struct list_plan *plan, listplan_row_fn *fn, void *context, struct err *err)
{
    for (size_t i = 0; i < plan->n; i++) {
        MEM_SCOPE(mem);
        const struct list_part *part = &plan->part[i];
        struct walk w = {.part = part, .fn = fn, .context = context};
        w.body = (struct list_body){.head = &part->head, .mapping = part->mapping};
        w.padded = plan->file.sheet[part->head.sheet].name != NULL;
        w.cell = talloc_array(mem, const char *, (unsigned)part->head.n + 1);
        w.size = talloc_array(mem, size_t, (unsigned)part->head.n + 1);
        if (listfile_each(&plan->file, part->head.sheet, walk_record, &w, err) < 0)
            return -1;
    }
    return 0;
}
