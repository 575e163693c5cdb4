-- SPDX-License-Identifier: AGPL-3.0-or-later
-- answer_rule_find :maybe
select confirmed from answer_rule where rule = $1 and trusted;

-- answer_rule_list :many
select rule, confirmed, wrong, trusted, off_answer, to_char(off_at at time zone $1::text, 'YYYY-MM-DD HH24:MI') as off_at
  from answer_rule order by trusted desc, wrong > 0, confirmed desc, rule;
