/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * cairo writes each page as it is done, and fonts, of the letters that were used, at the end.  Lines of text
 * have a height of our own instead of the font's, so that a line with a letter of another font is no higher.
 */
#include "reports/paper_lazy.h" /* before the next, which names anew what its headers declare */

#include "base/glib_lazy.h"

#include "reports/paper.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The first that is installed; DejaVu has what the others lack. */
static const char serif[] = "Liberation Serif,Noto Serif,DejaVu Serif";
static const char sans[] = "Liberation Sans,Noto Sans,DejaVu Sans";

struct paper {
    const char *path, *beside;
    FILE *file;
    int error; /* errno of the write that failed */
    int page;  /* that are done */
    bool missing;
    struct digest *digest;
    cairo_surface_t *surface, *picture;
    cairo_t *cr;
    PangoContext *context;
};

struct paper_text {
    PangoLayout *layout;
    double height, baseline; /* of a line */
};

/* ---- the file */

static cairo_status_t write_bytes(void *ctx, const unsigned char *bytes, unsigned len)
{
    struct paper *p = ctx;
    digest_add(p->digest, bytes, len);
    if (fwrite(bytes, 1, len, p->file) == len)
        return CAIRO_STATUS_SUCCESS;
    p->error = errno;
    return CAIRO_STATUS_WRITE_ERROR;
}

static int paper_release(struct paper *p)
{
    if (p->context)
        g_object_unref(p->context);
    if (p->cr)
        cairo_destroy(p->cr);
    if (p->picture)
        cairo_surface_destroy(p->picture);
    if (p->surface)
        cairo_surface_destroy(p->surface);
    if (p->file)
        fclose(p->file);
    if (p->beside)
        unlink(p->beside);
    return 0;
}

void paper_drop(struct paper **paper)
{
    talloc_free(*paper);
    *paper = NULL;
}

/* Letters as they are at any size, not fitted to the dots of a screen. */
static PangoContext *new_context(cairo_t *cr)
{
    PangoContext *context = pango_cairo_create_context(cr);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
    return context;
}

static void describe(struct paper *p, const struct paper_about *about)
{
    char made[32];
    time_t when = (time_t)about->made;
    struct tm tm;
    must(gmtime_r(&when, &tm));
    strftime(made, sizeof made, "%Y-%m-%dT%H:%M:%SZ", &tm);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, about->title);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_AUTHOR, about->author);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
}

int paper_open(void *mem, struct paper **paper_r, const struct paper_about *about, struct err *err)
{
    *paper_r = NULL;
    if (lazy_load(&paper_lazy, err) < 0)
        return -1;
    struct paper *p = talloc_zero(mem, struct paper);
    *paper_r = p;
    p->path = talloc_strdup(p, about->path);
    char *beside = talloc_asprintf(p, "%s.%ld.new", about->path, (long)getpid());
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", beside, strerror(errno));
    p->beside = beside;
    talloc_set_destructor(p, paper_release);
    p->file = fdopen(fd, "w");
    must(p->file);
    p->digest = digest_new(p);
    p->surface = cairo_pdf_surface_create_for_stream(write_bytes, p, PAPER_WIDTH / PAPER_POINT,
                                                     PAPER_HEIGHT / PAPER_POINT);
    describe(p, about);
    p->cr = cairo_create(p->surface);
    p->context = new_context(p->cr);
    return 0;
}

void paper_next_page(struct paper *p)
{
    cairo_show_page(p->cr);
    p->page++;
}

void paper_outline(struct paper *p, const char *title)
{
    char page[32];
    snprintf(page, sizeof page, "page=%d", p->page + 1);
    cairo_pdf_surface_add_outline(p->surface, CAIRO_PDF_OUTLINE_ROOT, title ? title : "", page, 0);
}

static int failed(struct paper *p, const char *path, struct err *err)
{
    return err_set(err, ERR_IO, "%s: %s", path,
                   p->error ? strerror(p->error) : cairo_status_to_string(cairo_surface_status(p->surface)));
}

int paper_finish(struct paper *p, unsigned char sum[DIGEST_BYTES], struct err *err)
{
    cairo_surface_finish(p->surface);
    if (cairo_status(p->cr) != CAIRO_STATUS_SUCCESS ||
        cairo_surface_status(p->surface) != CAIRO_STATUS_SUCCESS)
        return failed(p, p->path, err);
    if (fflush(p->file) != 0 || fsync(fileno(p->file)) < 0)
        return err_set(err, ERR_IO, "%s: %s", p->path, strerror(errno));
    digest_end(p->digest, sum);
    return 0;
}

int paper_keep(struct paper *p, struct err *err)
{
    if (rename(p->beside, p->path) < 0)
        return err_set(err, ERR_IO, "%s: %s", p->path, strerror(errno));
    p->beside = NULL;
    return 0;
}

/* ---- text */

static int text_release(struct paper_text *t)
{
    g_object_unref(t->layout);
    return 0;
}

static PangoFontDescription *font_of(const struct paper_look *look)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, look->sans ? sans : serif);
    pango_font_description_set_weight(font, look->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, look->size * PANGO_SCALE);
    return font;
}

static double mm(int pango_units)
{
    return pango_units * PAPER_POINT / PANGO_SCALE;
}

static void measure(struct paper_text *t, PangoContext *context, const PangoFontDescription *font,
                    const struct paper_look *look)
{
    PangoFontMetrics *metrics = pango_context_get_metrics(context, font, NULL);
    double ascent = mm(pango_font_metrics_get_ascent(metrics)),
           descent = mm(pango_font_metrics_get_descent(metrics));
    pango_font_metrics_unref(metrics);
    t->height = look->line > 0 ? look->line : look->size * 1.2 * PAPER_POINT;
    t->baseline = (t->height + ascent - descent) / 2;
}

struct paper_text *paper_text(void *mem, struct paper *p, const char *markup, double width,
                              const struct paper_look *look)
{
    struct paper_text *t = talloc(mem, struct paper_text);
    PangoFontDescription *font = font_of(look);
    pango_context_set_language(p->context, pango_language_from_string(look->language));
    t->layout = pango_layout_new(p->context);
    talloc_set_destructor(t, text_release);
    pango_layout_set_font_description(t->layout, font);
    pango_layout_set_width(t->layout, (int)(width / PAPER_POINT * PANGO_SCALE));
    pango_layout_set_wrap(t->layout, PANGO_WRAP_WORD_CHAR);
    if (look->faint || look->pale)
        markup = talloc_asprintf(t, "<span foreground=\"%s\">%s</span>", look->pale ? "#e4e4e4" : "#505050",
                                 markup);
    pango_layout_set_markup(t->layout, markup, -1);
    measure(t, p->context, font, look);
    pango_font_description_free(font);
    if (pango_layout_get_unknown_glyphs_count(t->layout) > 0) /* breaks the lines now, in this language */
        p->missing = true;
    return t;
}

char *paper_escape(void *mem, const char *s)
{
    char *escaped = g_markup_escape_text(s, -1), *copy = talloc_strdup(mem, escaped);
    g_free(escaped);
    return copy;
}

size_t paper_lines(const struct paper_text *t)
{
    return (size_t)pango_layout_get_line_count(t->layout);
}

double paper_line_height(const struct paper_text *t)
{
    return t->height;
}

double paper_height(const struct paper_text *t)
{
    return t->height * (double)paper_lines(t);
}

bool paper_missing_glyphs(struct paper *p)
{
    bool missing = p->missing;
    p->missing = false;
    return missing;
}

double paper_line_width(const struct paper_text *t, size_t line)
{
    PangoRectangle logical;
    pango_layout_line_get_extents(pango_layout_get_line_readonly(t->layout, (int)line), NULL, &logical);
    return mm(logical.width);
}

void paper_draw_line(struct paper *p, const struct paper_text *t, size_t line, double x, double y)
{
    cairo_move_to(p->cr, x / PAPER_POINT, (y + t->baseline) / PAPER_POINT);
    pango_cairo_show_layout_line(p->cr, pango_layout_get_line_readonly(t->layout, (int)line));
}

void paper_draw(struct paper *p, const struct paper_text *t, double x, double y)
{
    for (size_t i = 0, n = paper_lines(t); i < n; i++)
        paper_draw_line(p, t, i, x, y + (double)i * t->height);
}

/* ---- lines and pictures */

void paper_rule(struct paper *p, double x1, double y1, double x2, double y2, double width)
{
    cairo_set_line_width(p->cr, width / PAPER_POINT);
    cairo_move_to(p->cr, x1 / PAPER_POINT, y1 / PAPER_POINT);
    cairo_line_to(p->cr, x2 / PAPER_POINT, y2 / PAPER_POINT);
    cairo_stroke(p->cr);
}

int paper_load_picture(struct paper *p, const char *path, struct err *err)
{
    p->picture = cairo_image_surface_create_from_png(path);
    cairo_status_t status = cairo_surface_status(p->picture);
    return status == CAIRO_STATUS_SUCCESS ? 0
                                          : err_set(err, ERR_CONFIG, "%s is no PNG that can be read: %s",
                                                    path, cairo_status_to_string(status));
}

double paper_draw_picture(struct paper *p, double x, double y, double height)
{
    if (!p->picture)
        return 0;
    double scale = height / cairo_image_surface_get_height(p->picture);
    cairo_save(p->cr);
    cairo_translate(p->cr, x / PAPER_POINT, y / PAPER_POINT);
    cairo_scale(p->cr, scale / PAPER_POINT, scale / PAPER_POINT);
    cairo_set_source_surface(p->cr, p->picture, 0, 0);
    cairo_paint(p->cr);
    cairo_restore(p->cr);
    return scale * cairo_image_surface_get_width(p->picture);
}
