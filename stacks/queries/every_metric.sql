-- name: Every metric of the latest run
-- answers: What are the other metrics of every scenario's newest run, and how far is the model ahead in each?
select
    m.scenario,
    m.run_id,
    m.metric,
    m.k,
    max(case when m.kind = 'value' and m.source = r.source then m.value end) as value,
    max(case when m.kind = 'value' and m.source = r.baseline then m.value end) as baseline_value,
    max(case when m.kind = 'difference' then m.value end) as difference,
    max(case when m.kind = 'difference' then m.low end) as difference_low,
    max(case when m.kind = 'difference' then m.high end) as difference_high
from metrics as m
inner join (
    select
        runs.*,
        row_number() over (
            partition by scenario order by run_date desc, evaluated_at desc, run_id desc
        ) as place
    from runs
    where run_date >= cast(cast(current_date - interval '365' day as date) as varchar)
) as r
    on m.scenario = r.scenario and m.run_date = r.run_date and m.run_id = r.run_id
where
    r.place = 1
    and m.run_date >= cast(cast(current_date - interval '365' day as date) as varchar)
    and m.list = r.list
    and (
        (m.kind = 'value' and m.source in (r.source, r.baseline))
        or (m.kind = 'difference' and m.source = r.source and m.baseline = r.baseline)
    )
group by m.scenario, m.run_id, m.metric, m.k
order by m.scenario, m.metric, m.k
