-- A paused or disabled endpoint keeps its deliveries; they are held until it is active again.
alter table endpoints drop constraint endpoints_status_check;
alter table endpoints add constraint endpoints_status_check check (status in ('active', 'paused', 'disabled'));
-- When it was last enabled again; its backlog is then sent in small steps first.
alter table endpoints add column enabled_at timestamptz;

-- The health of endpoints that are not healthy; most have no row. Written by the dispatcher that holds the endpoint,
-- every few seconds rather than with each attempt.
create table endpoint_health (
  endpoint_id text collate "C" primary key references endpoints on delete cascade,
  -- The first failure after the last success; null if there is none.
  failing_since timestamptz,
  last_failure_at timestamptz,
  failures int not null default 0,
  -- How many warnings were sent to its customer.
  warnings int not null default 0,
  -- Exhausted deliveries that were not reported to the customer yet, and when the last report was sent.
  exhausted int not null default 0,
  exhausted_since timestamptz,
  exhausted_told_at timestamptz
) with (fillfactor = 50);
