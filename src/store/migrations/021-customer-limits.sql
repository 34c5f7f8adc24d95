-- A customer's own limits, where they differ from the defaults, such as {"endpoints": 500}.
alter table customers add column limits jsonb not null default '{}';
