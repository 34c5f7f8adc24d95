-- Only an active connection owns its page: a claim that is pending keeps nobody else out.
alter table connections drop constraint connections_app_id_platform_page_id_key;
create unique index connections_owner on connections (app_id, platform, page_id) where status = 'active';
create unique index connections_claim on connections (customer_id, app_id, platform, page_id);
create index connections_pending on connections (created_at) where status = 'pending';
