-- A request's headers are not stored; the API reconstructs them.
alter table deliveries drop column request_headers;
alter table attempts drop column request_headers;

-- Stored events that are delivered to an endpoint again, batch by batch. See docs/adr/0015.
create table replays (
  id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  endpoint_id text collate "C" not null references endpoints on delete cascade,
  status text not null default 'running' check (status in ('running', 'done', 'canceled')),
  received_after timestamptz not null,
  received_before timestamptz,
  -- Selects only events with a delivery to the endpoint in that state.
  state text,
  event text,
  page_id text collate "C",
  conversation_id text collate "C",
  -- Deliveries per second; null: no limit.
  rate int,
  -- How many events are selected; null if there are too many to count.
  total int,
  made int not null default 0,
  -- Its position and its end: the position of an event or, with a state, the id of a delivery.
  position text collate "C" not null,
  up_to text collate "C" not null,
  next_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index replays_customer on replays (customer_id, id);
create index replays_endpoint on replays (endpoint_id);
create index replays_running on replays (next_at) where status = 'running';
