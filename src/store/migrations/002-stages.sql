-- Deliveries are partitioned by stage: never attempted, waiting for a retry, finished. See docs/adr/0008.
-- The API's `pending` is `fresh` or `retry` here. A fresh delivery is due at once and has no due_at.

alter table deliveries rename to deliveries_before;
drop index deliveries_due;
alter table attempts
  add column trigger text,
  add column remote_address text,
  add column timings int[],
  add column request_headers text;

create table deliveries (
  customer_id text collate "C" not null,
  id text collate "C" not null,
  stage text collate "C" not null default 'fresh',
  endpoint_id text collate "C" not null,
  event_id text collate "C" not null,
  event_day date not null,
  event text not null,
  -- Only if the endpoint orders conversations.
  conversation_id text collate "C",
  -- The trigger of the next attempt, or of a finished delivery's last one; null: the schedule.
  trigger text,
  attempts int not null default 0,
  created_at timestamptz not null,
  due_at timestamptz,
  finished_at timestamptz,
  -- The attempt that finished it. Attempts that were followed by another are in `attempts`.
  started_at timestamptz,
  duration_ms int,
  outcome text,
  status int,
  error text,
  response text,
  remote_address text,
  timings int[],
  request_headers text
) partition by list (stage);

-- Ids are time-ordered, so this index is the order of arrival.
create table deliveries_fresh partition of deliveries for values in ('fresh')
  with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create unique index deliveries_fresh_order on deliveries_fresh (endpoint_id, id);
create index deliveries_fresh_conversation on deliveries_fresh (endpoint_id, conversation_id, id)
  where conversation_id is not null;

create table deliveries_retry partition of deliveries for values in ('retry')
  with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create unique index deliveries_retry_order on deliveries_retry (endpoint_id, id);
-- On an expression and without the id, so that a claim can use it, but not the lookup of one delivery (docs/adr/0006).
create index deliveries_retry_due on deliveries_retry (left(endpoint_id, 64), due_at);
create index deliveries_retry_conversation on deliveries_retry (endpoint_id, conversation_id, id)
  where conversation_id is not null;

create table deliveries_done partition of deliveries for values in ('delivered', 'exhausted', 'canceled')
  partition by range (id);
create unique index deliveries_done_order on deliveries_done (customer_id, id);
create table deliveries_done_other partition of deliveries_done default;
do $$
declare
  old record;
begin
  for old in
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'deliveries_closed'::regclass and c.relname <> 'deliveries_closed_other'
  loop
    execute format('create table %I partition of deliveries_done %s', replace(old.name, 'closed', 'done'), old.bound);
  end loop;
end
$$;

insert into deliveries (customer_id, id, stage, endpoint_id, event_id, event_day, event, attempts, created_at, due_at,
  finished_at, started_at, duration_ms, outcome, status, error, response)
select d.customer_id, d.id,
  case when d.state <> 'pending' then d.state when d.attempts > 0 or d.due_at > now() then 'retry' else 'fresh' end,
  d.endpoint_id, d.event_id, d.event_day, d.event, d.attempts, d.created_at,
  case when d.open and (d.attempts > 0 or d.due_at > now()) then d.due_at end,
  d.finished_at, a.started_at, a.duration_ms, a.outcome, a.status, a.error, a.response
from deliveries_before d
left join attempts a on a.delivery_id = d.id and a.number = d.attempts and a.verdict = d.state;
delete from attempts where verdict <> 'retry';
drop table deliveries_before;
