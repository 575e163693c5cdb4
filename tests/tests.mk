# SPDX-License-Identifier: AGPL-3.0-or-later
#
# make check                all tests, under ten minutes; ends with "N passed, N failed"
# make check-layers         (headers, size, docs ...) one of tests/check
# make check T="..."        the programs named: T="build/dev/tests/unit/test_conf tests/cli/import.sh"
# make crash N=1000         that many mailings, each with an accident at a moment that SEED=... says
# make fuzz T=60            each fuzz target T seconds
#
# PORT=12600 is where the private servers' ports begin.
export PORT V

FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(FUZZ_SRC:%.c=$(B)/%)
MAIL_SCRIPTS := $(sort $(wildcard tests/mail/*.sh))
TEST_SCRIPTS := $(sort $(wildcard tests/check/*.sh tests/cli/*.sh tests/db/*.sh tests/mail/*.sh tests/crash/*.sh tests/demo/*.sh))

ifeq ($(V),fuzz)
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIB) $(TEST_LDLIBS)
else
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/obj/tests/fuzz/replay.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $< $(B)/obj/tests/fuzz/replay.o $(LIB) $(TEST_LDLIBS)
endif

# what the tests of crashes preload, and the mail server whose books they look into
$(B)/tests/crash/shim.so: tests/crash/shim.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(WARN) -O1 -g -fPIC -shared -o $@ $< -ldl

$(B)/tests/crash/sink: tests/crash/sink.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(WARN) -D_GNU_SOURCE -O1 -g -o $@ $<

# the programs of one flavour
CRASH_BIN := $(B)/tests/crash/shim.so $(B)/tests/crash/sink
tests: all $(TEST_BIN) $(FUZZ_BIN) $(CRASH_BIN) $(B)/bench/contacts

# one mailing after the other, each with an accident; its table is shown, and kept in build/crash.txt
crash: all $(CRASH_BIN)
	@N=$(or $(N),1000) SEED=$(SEED) CRASH_TABLE=build/crash.txt TIME_MAX=0 tests/run tests/crash/many.sh; \
	    code=$$?; cat build/crash.txt; exit $$code

# Of the tests under the sanitizers it is the parsers and the memory that one wants to see; the corpus is replayed there.
ASAN_BIN := $(patsubst %.c,build/asan/%,$(filter tests/unit/% tests/db/% tests/mail/%,$(TEST_SRC)) $(FUZZ_SRC))

check-needs:
	@bash demo/deps.sh
# after check-needs in a make of its own, which then finds the libraries
check: check-needs
ifneq ($(T),)
	@$(MAKE) --no-print-directory tests
	@tests/run $(T)
else
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory V=asan tests
	@tests/lanes $(filter-out $(MAIL_SCRIPTS),$(TEST_SCRIPTS)) -- $(MAIL_SCRIPTS) -- $(TEST_BIN) $(ASAN_BIN)
endif

CHECKS := $(patsubst tests/check/%.sh,check-%,$(wildcard tests/check/*.sh))
$(CHECKS): check-%: all
	@tests/run tests/check/$*.sh
# every statement is prepared on a freshly migrated database
check-sql: $(B)/tests/db/test_sql
	tests/run $<

fuzz:
	bash demo/deps.sh clang-14 llvm-14
	@$(MAKE) --no-print-directory V=fuzz fuzz-run
fuzz-run: $(FUZZ_BIN)
	bash tests/fuzz/run $(or $(T),60) $(FUZZ_BIN)

.PHONY: check check-needs crash check-sql $(CHECKS) tests fuzz fuzz-run
