-- A paused or disabled endpoint keeps its deliveries; they are held until it is active again.
alter table endpoints drop constraint endpoints_status_check;
alter table endpoints add constraint endpoints_status_check check (status in ('active', 'paused', 'disabled'));
-- When it was last switched on again: what piled up then goes in small steps first.
alter table endpoints add column enabled_at timestamptz;

-- What is known of an endpoint that is not simply healthy: most have no row. Written by the dispatcher that holds the
-- endpoint, every few seconds and not with each attempt.
create table endpoint_health (
  endpoint_id text collate "C" primary key references endpoints on delete cascade,
  -- The first failure after the last success; null while there is none.
  failing_since timestamptz,
  last_failure_at timestamptz,
  failures int not null default 0,
  -- How many of the warnings its customer has had.
  warnings int not null default 0,
  -- Deliveries given up that the customer has not been told of, and when it was last told.
  exhausted int not null default 0,
  exhausted_since timestamptz,
  exhausted_told_at timestamptz
) with (fillfactor = 50);
