-- A contact that is being erased: its row and ids are removed, but events of its conversation may still exist or come from
-- a gateway that was not notified yet. Kept until no such gateway can be left. See docs/adr/0018.
create table erasures (
  contact_id uuid primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  page_id text collate "C" not null,
  conversation_id text collate "C" not null,
  erased_at timestamptz not null default now(),
  -- Up to this position no event of it is left; null until the request was answered.
  swept_to bigint
);
