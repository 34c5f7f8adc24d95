alter table endpoints add column hub_signature boolean not null default false;
