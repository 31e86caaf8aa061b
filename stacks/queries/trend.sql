-- name: Trend of the main metric
-- answers: How did the verdict's metric move from run to run, and did it leave the interval of the run before?
select
    r.scenario,
    r.run_date,
    r.run_id,
    r.source,
    r.metric,
    r.k,
    r.value,
    r.low,
    r.high,
    r.baseline_value,
    r.value - lag(r.value) over (
        partition by r.scenario, r.metric, r.k order by r.run_date, r.evaluated_at, r.run_id
    ) as change,
    r.low > lag(r.high) over (
        partition by r.scenario, r.metric, r.k order by r.run_date, r.evaluated_at, r.run_id
    ) as above_earlier_interval,
    r.high < lag(r.low) over (
        partition by r.scenario, r.metric, r.k order by r.run_date, r.evaluated_at, r.run_id
    ) as below_earlier_interval,
    r.outcome
from runs as r
where r.run_date >= cast(cast(current_date - interval '365' day as date) as varchar)
order by r.scenario, r.metric, r.k, r.run_date, r.evaluated_at, r.run_id
