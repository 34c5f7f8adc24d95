-- Changes to what gateways route by notify them in the same commit, so no change is missed.
create function announce_directory() returns trigger language plpgsql as $$
begin
  perform pg_notify('onehook_directory', coalesce(new.customer_id, old.customer_id, ''));
  return null;
end
$$;
create trigger announce after insert or update or delete on apps
  for each row execute function announce_directory();
create trigger announce after insert or update or delete on connections
  for each row execute function announce_directory();
create trigger announce after insert or update or delete on endpoints
  for each row execute function announce_directory();
