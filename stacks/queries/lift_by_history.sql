-- name: Lift by length of history
-- answers: How far is the newest model ahead for users with little and with much history, and how many gain or lose?
with newest as (
    select
        r.*,
        row_number() over (
            partition by r.scenario order by r.run_date desc, r.evaluated_at desc, r.run_id desc
        ) as place
    from runs as r
    where r.run_date >= cast(cast(current_date - interval '90' day as date) as varchar)
),

scores as (
    select
        u.scenario,
        u.run_id,
        u.user_id,
        u.history_group,
        u.source,
        n.metric,
        n.k,
        n.source = u.source as is_model,
        case n.metric
            when 'ndcg' then u.ndcg
            when 'precision' then u.precision
            when 'recall' then u.recall
            when 'hit_rate' then u.hit_rate
            when 'map' then u.map
            when 'mrr' then u.mrr
        end as score
    from per_user as u
    inner join newest as n
        on u.scenario = n.scenario and u.run_date = n.run_date and u.run_id = n.run_id
    where
        n.place = 1
        and u.run_date >= cast(cast(current_date - interval '90' day as date) as varchar)
        and u.list = n.list
        and u.k = n.k
        and u.source in (n.source, n.baseline)
        and u.history_group is not null
),

pairs as (
    select
        scenario,
        run_id,
        user_id,
        history_group,
        metric,
        k,
        max(case when is_model then score end) as model,
        max(case when not is_model then score end) as baseline
    from scores
    group by scenario, run_id, user_id, history_group, metric, k
)

select
    scenario,
    run_id,
    history_group,
    metric,
    k,
    count(*) as users,
    avg(model) as model,
    avg(baseline) as baseline,
    avg(model - baseline) as difference,
    avg(model) / nullif(avg(baseline), 0) - 1 as lift,
    sum(case when model > baseline then 1 else 0 end) as gain,
    sum(case when model < baseline then 1 else 0 end) as lose
from pairs
group by scenario, run_id, history_group, metric, k
order by scenario, history_group
