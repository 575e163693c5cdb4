# SPDX-License-Identifier: AGPL-3.0-or-later
check: all $(TEST_BIN)
.PHONY: check
