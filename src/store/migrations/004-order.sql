-- `conversation`: the events of each conversation are sent in order, one after the other.
alter table endpoints add column ordering text not null default 'none' check (ordering in ('none', 'conversation'));

-- The order within a conversation is that of the commits, whatever the gateways' clocks say.
alter table deliveries add column conversation_seq bigint;
-- On an expression, so that only queries for a conversation can use the index, and these can use no other.
drop index deliveries_fresh_conversation;
drop index deliveries_retry_conversation;
create index deliveries_fresh_conversation on deliveries_fresh (left(endpoint_id, 64), conversation_id, conversation_seq)
  where conversation_id is not null;
create index deliveries_retry_conversation on deliveries_retry (left(endpoint_id, 64), conversation_id, conversation_seq)
  where conversation_id is not null;

-- Replays without an attempt, due at once. A separate partition, so that claiming them last costs nothing.
create table deliveries_replay partition of deliveries for values in ('replay')
  with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create unique index deliveries_replay_order on deliveries_replay (endpoint_id, id);
