-- Requests per second; null is no limit.
alter table endpoints add column max_rate int;

-- Until when nothing may be sent to the endpoint, as it was set up at that revision (its updated_at in milliseconds):
-- whoever drains it next knows without asking the endpoint again.
alter table drains add column held_until timestamptz;
alter table drains add column held_revision_ms float8;
