-- `conversation`: the events of each conversation one after the other, in their order.
alter table endpoints add column ordering text not null default 'none' check (ordering in ('none', 'conversation'));

-- The order within a conversation: that of the commits, whichever gateway made them, and whatever its clock says.
alter table deliveries add column conversation_seq bigint;
-- Through an expression, so that only what looks for a conversation can use the index, and can use no other.
drop index deliveries_fresh_conversation;
drop index deliveries_retry_conversation;
create index deliveries_fresh_conversation on deliveries_fresh (left(endpoint_id, 64), conversation_id, conversation_seq)
  where conversation_id is not null;
create index deliveries_retry_conversation on deliveries_retry (left(endpoint_id, 64), conversation_id, conversation_seq)
  where conversation_id is not null;

-- Replayed and not attempted again yet, due at once: apart, so that they are claimed after everything else at no cost.
create table deliveries_replay partition of deliveries for values in ('replay')
  with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create unique index deliveries_replay_order on deliveries_replay (endpoint_id, id);
