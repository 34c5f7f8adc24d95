-- The page that a fault is of, as far as Meta says it, so that the fault goes with its customer.
alter table faults add column page_id text collate "C";
-- What an erasure needs to find copies of the contact's data, until it has finished.
alter table erasures
  add column app_id text collate "C",
  add column first_seen_at timestamptz,
  add column ids text[] not null default '{}';
-- What a customer that is being removed had, until its faults are removed too. page_id null: the app was its own.
create table removed_pages (
  customer_id text collate "C" not null,
  app_id text collate "C" not null,
  page_id text collate "C"
);
