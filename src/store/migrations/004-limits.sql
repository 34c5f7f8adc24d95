-- Requests per second; null is no limit.
alter table endpoints add column max_rate int;

-- Until when nothing may be sent to the endpoint, for its settings of that revision (updated_at in milliseconds). The
-- next dispatcher respects it without sending a request first.
alter table drains add column held_until timestamptz;
alter table drains add column held_revision_ms float8;
