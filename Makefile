# SPDX-License-Identifier: AGPL-3.0-or-later
#
# make            builds build/$(V)/adresar; V=dev (default), opt, asan, cov, fuzz
# make check      all tests      make demo    the main job on real servers
# make bench      the measurements           make fuzz T=60    each fuzz target T seconds

V ?= dev
B := build/$(V)
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

# what is loaded when it is wanted (base/lazy.h)
LOADED := icu-i18n icu-uc pangocairo glib-2.0 gmime-3.0 xlsxwriter libical libzip libcmark libcares libpsl libsodium libzstd expat libseccomp
PKGS := libcares libpsl libpq gnutls talloc jansson icu-i18n icu-uc libcmark libical glib-2.0 gmime-3.0 xlsxwriter pangocairo libzip expat zlib libzstd libseccomp libsodium
ifneq ($(filter-out clean deps help,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(PKGS) 2>/dev/null && echo ok),ok)
ifeq ($(filter demo check bench fuzz deps demo-up demo-down check-needs,$(MAKECMDGOALS)),)
$(error Some libraries are missing: run `make deps` as root, or see README.md)
endif
endif
endif

CC := gcc
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wwrite-strings
# libetpan's pkg-config would turn the program into a non-PIE, so it is linked by name (its headers are in the default path)
CPPFLAGS := -D_GNU_SOURCE -I. -I$(B)/gen $(patsubst -I%,-isystem %,$(filter-out -I/usr/include,$(shell pkg-config --cflags-only-I $(PKGS) 2>/dev/null)))
LDLIBS := $(shell pkg-config --libs $(filter-out $(LOADED),$(PKGS)) 2>/dev/null) -lpthread -lm
TEST_LDLIBS := $(LDLIBS) $(shell pkg-config --libs $(LOADED) 2>/dev/null) -letpan -lcsv -lcmocka
HARDEN := -fstack-protector-strong -fPIE
LDHARDEN := -pie -Wl,-z,relro,-z,now

ifeq ($(V),dev)
  CFLAGS := -O1 -g
else ifeq ($(V),opt)
  CFLAGS := -O2 -g -D_FORTIFY_SOURCE=2
else ifeq ($(V),asan)
  CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
  LDFLAGS := -fsanitize=address,undefined
else ifeq ($(V),cov)
  CFLAGS := -O0 -g --coverage
  LDFLAGS := --coverage
else ifeq ($(V),fuzz)
  CC := clang-14
  CFLAGS := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -DFUZZING
  LDFLAGS := -fsanitize=address,undefined
else
  $(error V=$(V) is no flavour: dev, opt, asan, cov, fuzz)
endif
CFLAGS += -std=gnu11 $(WARN) $(WERROR) $(HARDEN)

FOLDERS := base crm mail mail/wire reports cmd
SRC := $(sort $(foreach d,$(FOLDERS),$(wildcard $(d)/*.c)))
OBJ := $(SRC:%.c=$(B)/obj/%.o)
MAIN := $(B)/obj/cmd/main.o
LIB := $(B)/libadresar.a

# --- generated: statements, migrations, embedded files
QUERIES := $(sort $(wildcard sql/query/*.sql))
QUERY_H := $(QUERIES:sql/query/%.sql=$(B)/gen/sql/%.h)
MIGRATIONS := $(sort $(wildcard sql/migrate/*.sql))
EMBED := $(sort $(wildcard mail/layout/*) $(wildcard po/*.po))
LAZY := $(wildcard $(FOLDERS:%=%/*.lazy))
LAZY_H := $(LAZY:%.lazy=$(B)/gen/%_lazy.h)
GEN_C := $(B)/gen/migrations.c $(B)/gen/embedded.c $(B)/gen/statements.c $(LAZY_H:.h=.c)
GEN_OBJ := $(GEN_C:%.c=%.o)

all: $(B)/adresar

# declarations of the commands, out of their table
$(B)/gen/cmd_functions.h: cmd/commands.h Makefile
	@mkdir -p $(@D)
	@{ echo '#include "cmd/cmd.h"'; sed -n 's/^COMMAND("[^"]*", *\([a-z_]*\),.*/int \1(struct cmd *c, int argc, char **argv);/p' $< | sort -u; } > $@

$(B)/gen/sql/%.h: sql/query/%.sql sql/statements.awk
	@mkdir -p $(@D)
	@awk -v module=$* -f sql/statements.awk $< > $@.new && mv $@.new $@
$(B)/gen/statements.c: $(QUERY_H)
	@{ echo '#include "base/db_script.h"'; for q in $(QUERIES:sql/query/%.sql=%); do echo "#include \"sql/$$q.h\""; done; \
	   echo 'const struct db_stmt *const db_all_statements[] = {'; \
	   for q in $(QUERIES:sql/query/%.sql=%); do echo "SQL_ALL_$${q^^}"; done; echo 'NULL};'; } > $@
$(B)/gen/migrations.c: $(MIGRATIONS) sql/embed.sh
	@mkdir -p $(@D)
	@bash sql/embed.sh migrations $(MIGRATIONS) > $@.new && mv $@.new $@
$(B)/gen/embedded.c: $(EMBED) sql/embed.sh
	@mkdir -p $(@D)
	@bash sql/embed.sh embedded $(EMBED) > $@.new && mv $@.new $@
$(B)/gen/%_lazy.h: %.lazy base/lazy.awk
	@mkdir -p $(@D)
	@awk -v id=$(*F) -f base/lazy.awk $< > $@.new && mv $@.new $@
$(B)/gen/%_lazy.c: %.lazy base/lazy.awk $(B)/gen/%_lazy.h
	@awk -v id=$(*F) -v name=$* -v part=c -f base/lazy.awk $< > $@.new && mv $@.new $@
# the words of names and places, sorted
$(B)/gen/crm/%_table.h: crm/%.def crm/%.awk
	@mkdir -p $(@D)
	@set -o pipefail; awk -f crm/$*.awk $< | LC_ALL=C sort -s -t '"' -k 2,2 > $@.new && mv $@.new $@
$(B)/gen/%.o: $(B)/gen/%.c
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/obj/%.o: %.c | $(QUERY_H) $(B)/gen/cmd_functions.h $(B)/gen/crm/place_table.h $(B)/gen/crm/word_table.h $(LAZY_H)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(LIB): $(filter-out $(MAIN),$(OBJ)) $(GEN_OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(B)/adresar: $(MAIN) $(LIB)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $(MAIN) $(LIB) $(LDLIBS)

# --- tests: one program a file in tests/unit and tests/db and tests/mail (cmocka, TAP out), scripts as they are
TEST_SRC := $(sort $(wildcard tests/unit/test_*.c tests/db/test_*.c tests/mail/test_*.c))
TEST_BIN := $(TEST_SRC:%.c=$(B)/%)
TEST_LIB_SRC := $(wildcard tests/lib/*.c)
TEST_LIB := $(TEST_LIB_SRC:%.c=$(B)/obj/%.o)
$(B)/tests/%: $(B)/obj/tests/%.o $(TEST_LIB) $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $< $(TEST_LIB) $(LIB) $(TEST_LDLIBS)

include tests/tests.mk demo/demo.mk bench/bench.mk

# --- translations: the template out of the sources, and its new texts into the languages
pot:
	bash po/extract.sh > $(B)/adresar.pot
po: pot
	for f in po/*.po; do msgmerge --quiet --update --backup=none --no-fuzzy-matching --add-location=file $$f $(B)/adresar.pot; done

deps:
	bash demo/deps.sh
clean:
	rm -rf build
PREFIX ?= /usr/local
install: all
	install -D -m 755 $(B)/adresar $(DESTDIR)$(PREFIX)/bin/adresar
	install -D -m 644 man/adresar.1 $(DESTDIR)$(PREFIX)/share/man/man1/adresar.1
	install -D -m 644 man/adresar.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/adresar.conf.5
	install -D -m 644 man/adresar-failover.7 $(DESTDIR)$(PREFIX)/share/man/man7/adresar-failover.7
	install -D -m 644 man/adresar-segment.7 $(DESTDIR)$(PREFIX)/share/man/man7/adresar-segment.7
.PHONY: all deps clean install pot po
.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
