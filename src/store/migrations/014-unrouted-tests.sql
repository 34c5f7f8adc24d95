-- Of the events of an unrouted page, how many are samples of Meta's dashboard: no connection is missing for those.
alter table unrouted_pages add column test_events bigint not null default 0;
