-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Kin are found by an index that gives bitmaps alone; without them each message is held against all that are kept.
alter function thread_gather(bigint[]) set enable_bitmapscan = on;
