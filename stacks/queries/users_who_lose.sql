-- name: Users who lose most
-- answers: Which users of every scenario's newest run would be served better by the baseline, and what is known of them?
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
        u.pair,
        u.other_user_id,
        u.train_interactions,
        u.held_out_items,
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
            when 'overlap' then u.overlap
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
),

pairs as (
    select
        scenario,
        run_id,
        user_id,
        pair,
        other_user_id,
        train_interactions,
        held_out_items,
        metric,
        k,
        max(case when is_model then score end) as model,
        max(case when not is_model then score end) as baseline
    from scores
    group by
        scenario, run_id, user_id, pair, other_user_id, train_interactions, held_out_items, metric, k
),

ranked as (
    select
        pairs.*,
        model - baseline as difference,
        row_number() over (
            partition by scenario order by model - baseline, user_id, pair
        ) as place
    from pairs
    where model < baseline
)

select
    scenario,
    run_id,
    place,
    user_id,
    other_user_id,
    train_interactions,
    held_out_items,
    metric,
    k,
    model,
    baseline,
    difference
from ranked
where place <= 10
order by scenario, place
