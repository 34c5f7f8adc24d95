-- A replay that fails again and again ends as failed, with the reason, and holds up no other.
alter table replays
  add column failures int not null default 0,
  add column error text,
  drop constraint replays_status_check,
  add constraint replays_status_check check (status in ('running', 'done', 'canceled', 'failed'));
