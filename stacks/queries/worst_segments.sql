-- name: Worst segments
-- answers: For which users, and for which items, is the newest run of every scenario least ahead of its baseline?
select
    s.scenario,
    s.run_id,
    s.grouped_by,
    s.group_label,
    s.metric,
    s.k,
    s.users,
    s.value,
    s.baseline_value,
    s.difference,
    s.difference_low,
    s.difference_high,
    s.difference_high < 0 as surely_behind
from segments as s
inner join (
    select
        scenario,
        run_date,
        run_id,
        row_number() over (
            partition by scenario order by run_date desc, evaluated_at desc, run_id desc
        ) as place
    from runs
    where run_date >= cast(cast(current_date - interval '365' day as date) as varchar)
) as r
    on s.scenario = r.scenario and s.run_date = r.run_date and s.run_id = r.run_id
where
    r.place = 1
    and s.run_date >= cast(cast(current_date - interval '365' day as date) as varchar)
    and s.users >= 10
order by s.difference asc nulls last, s.scenario, s.grouped_by, s.group_key
limit 20
