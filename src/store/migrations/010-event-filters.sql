-- Filters of an endpoint below the event's name; null: all.
alter table endpoints
  add column message_types text[],
  add column statuses text[],
  add column direction text check (direction in ('inbound', 'outbound'));
