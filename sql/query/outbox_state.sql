-- SPDX-License-Identifier: AGPL-3.0-or-later
-- outbox_state_forget_moves :none
delete from outbox_move;

-- outbox_state_set :none
insert into outbox_state (state, terminal, first) values ($1, $2, $3)
on conflict (state) do update set terminal = excluded.terminal, first = excluded.first;

-- outbox_state_add_move :none
insert into outbox_move (from_state, to_state, who) values ($1, $2, string_to_array($3, ' '));

-- outbox_state_know_moves :one
select outbox_moves_known() as known;
