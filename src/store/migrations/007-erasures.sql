-- A contact that is being erased: its row and its ids are gone, events of its conversation may still be there or come from
-- a gateway that has not heard. Kept until no such gateway can be left. See docs/adr/0018.
create table erasures (
  contact_id uuid primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  page_id text collate "C" not null,
  conversation_id text collate "C" not null,
  erased_at timestamptz not null default now(),
  -- Up to this number of an event nothing of it is left; null until whoever asked has its answer.
  swept_to bigint
);
