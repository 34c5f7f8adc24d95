-- The names of running dispatchers. Each holds an advisory lock on a hash of its name; if the lock is free, it has died.
create table dispatchers (
  holder text collate "C" primary key,
  started_at timestamptz not null default now()
);
