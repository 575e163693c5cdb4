# SPDX-License-Identifier: AGPL-3.0-or-later
#
# make bench                 the measurements, each beside the limit of this machine
# make bench J="deliver"     some of them: deliver, wire, fetch, mailbox, register, import, find, segment, duplicates
# build/opt/bench/sign       DKIM signatures a second beside bare ones (`make V=opt build/opt/bench/sign`)
bench:
	bash demo/deps.sh isync
	$(MAKE) --no-print-directory V=opt WERROR= all $(patsubst %.c,build/opt/%,$(wildcard bench/*.c))
	@bash bench/run $(J)

$(B)/bench/%: $(B)/obj/bench/%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $< $(LIB) $(TEST_LDLIBS)
.PHONY: bench
