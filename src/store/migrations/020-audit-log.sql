-- One row per change that a key made through the API. Written before the change, confirmed after it: a row that stays
-- `unknown` says that the result could not be recorded. No foreign keys: rows outlive what they are about.
create table audit_log (
  id text collate "C" primary key,
  at timestamptz not null,
  -- Whose objects were changed; null: the operator's.
  customer_id text collate "C",
  actor text not null check (actor in ('operator', 'customer')),
  key_id text collate "C",
  key_name text not null,
  address text not null,
  operation text not null,
  object_id text collate "C",
  created_id text collate "C",
  fields text[] not null,
  outcome text not null default 'unknown' check (outcome in ('unknown', 'done'))
);
create index audit_log_customer on audit_log (customer_id, id);
