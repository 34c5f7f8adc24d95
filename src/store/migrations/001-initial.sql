-- Ids are text with a prefix, compared by bytes. Secrets are stored encrypted (AES-256-GCM).

create table settings (
  name text primary key,
  value text not null
);

create table customers (
  id text collate "C" primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table api_keys (
  id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  name text not null default '',
  public_id text collate "C" not null unique,
  hash bytea not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_customer on api_keys (customer_id, id);

-- A registered Meta app, the operator's (no customer) or a customer's own. The default app is configured by environment.
create table apps (
  id text collate "C" primary key,
  customer_id text collate "C" references customers on delete cascade,
  name text not null default '',
  meta_app_id text,
  secrets text[] not null,
  verify_token text not null,
  created_at timestamptz not null default now()
);

-- One owner per (app, platform, page). A pending connection routes no events.
create table connections (
  id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  app_id text collate "C" not null,
  platform text not null,
  page_id text collate "C" not null,
  waba_id text collate "C",
  name text not null default '',
  access_token text,
  status text not null check (status in ('pending', 'active')),
  created_at timestamptz not null default now(),
  unique (app_id, platform, page_id)
);
create index connections_customer on connections (customer_id, id);

create table endpoints (
  id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  url text not null,
  description text not null default '',
  status text not null check (status in ('active', 'disabled')),
  disabled_reason text,
  events text[] not null,
  platforms text[],
  page_ids text[],
  payload text not null check (payload in ('full', 'compact')),
  include_raw boolean not null,
  max_concurrency int not null,
  retry_schedule int[],
  headers text,
  secrets jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index endpoints_customer on endpoints (customer_id, id);

-- The day is the event's own (1970-01-01 if Meta sent no time), so a redelivered item has the same key.
create sequence event_seq;
create table events (
  customer_id text collate "C" not null,
  id text collate "C" not null,
  day date not null,
  seq bigint not null default nextval('event_seq'),
  app_id text collate "C" not null,
  platform text not null,
  event text not null,
  page_id text collate "C" not null,
  sender text collate "C" not null,
  conversation_id text collate "C" not null,
  received_at timestamptz not null,
  body text not null,
  compact_length int not null,
  raw text,
  primary key (customer_id, id, day)
) partition by range (day);
-- On an expression, so that only a listing can use it: for a lookup by key, the planner could choose either index of an
-- empty partition, and keep that plan when the partition is full.
create index events_listing on events (left(customer_id, 64), seq);
create table events_other partition of events default;

-- Finished deliveries move to another partition, so the one that dispatchers read stays small. See docs/adr.
create table deliveries (
  customer_id text collate "C" not null,
  id text collate "C" not null,
  open boolean not null default true,
  endpoint_id text collate "C" not null,
  event_id text collate "C" not null,
  event_day date not null,
  event text not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'exhausted', 'canceled')),
  attempts int not null default 0,
  due_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (customer_id, id, open)
) partition by list (open);
create table deliveries_open partition of deliveries for values in (true)
  with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index deliveries_due on deliveries_open (endpoint_id, due_at, id);
create table deliveries_closed partition of deliveries for values in (false) partition by range (id);
create table deliveries_closed_other partition of deliveries_closed default;

create table attempts (
  customer_id text collate "C" not null,
  delivery_id text collate "C" not null,
  number int not null,
  started_at timestamptz not null,
  duration_ms int not null,
  outcome text not null,
  verdict text not null,
  status int,
  error text,
  response text,
  next_attempt_at timestamptz,
  primary key (delivery_id, number)
) partition by range (delivery_id);
create table attempts_other partition of attempts default;

-- The lease of an endpoint: its holder and expiry. docs/adr explains why leases are per endpoint.
create table drains (
  endpoint_id text collate "C" primary key,
  holder text not null,
  expires_at timestamptz not null
) with (fillfactor = 50);

-- Items of verified and acknowledged webhooks that could not be turned into events.
create table faults (
  id text collate "C" primary key,
  app_id text collate "C" not null,
  platform text not null,
  path text not null,
  reason text not null,
  item text not null,
  received_at timestamptz not null
);

create table unrouted_pages (
  app_id text collate "C" not null,
  platform text not null,
  page_id text collate "C" not null,
  events bigint not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (app_id, platform, page_id)
);

create table idempotency_keys (
  customer_id text collate "C" not null,
  key text not null,
  fingerprint text not null,
  status int,
  response text,
  created_at timestamptz not null default now(),
  primary key (customer_id, key)
);
