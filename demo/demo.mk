# SPDX-License-Identifier: AGPL-3.0-or-later
#
# make demo        the main job on real servers, afresh        make demo-up, make demo-down    its servers again
demo:
	@bash demo/run
demo-up:
	@bash demo/run up
demo-down:
	@bash demo/run down
.PHONY: demo demo-up demo-down
