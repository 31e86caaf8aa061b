-- name: Latest result per scenario
-- answers: What came out of the newest run of every scenario: is it better, by how much, on how many users?
select
    r.scenario,
    r.run_date,
    r.run_id,
    r.outcome,
    r.metric,
    r.k,
    r.value,
    r.low,
    r.high,
    r.baseline,
    r.baseline_value,
    r.relative_difference,
    r.relative_low,
    r.relative_high,
    r.users,
    r.verdict
from (
    select
        runs.*,
        row_number() over (
            partition by scenario order by run_date desc, evaluated_at desc, run_id desc
        ) as place
    from runs
    where run_date >= cast(cast(current_date - interval '365' day as date) as varchar)
) as r
where r.place = 1
order by r.scenario
