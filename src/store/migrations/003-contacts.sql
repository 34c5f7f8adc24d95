-- A contact of one customer's page. Its scoped id is a PSID, an IGSID, a group's id, or the first id that WhatsApp sent
-- for a person. Written only when a contact is new or has changed; see docs/adr/0010.
create table contacts (
  id uuid primary key,
  customer_id text collate "C" not null,
  app_id text collate "C" not null,
  platform text collate "C" not null,
  page_id text collate "C" not null,
  scoped_id text collate "C" not null,
  id_type text not null,
  asid text collate "C",
  conversation_id text collate "C" not null,
  name text,
  username text,
  picture_url text,
  locale text,
  active boolean not null default true,
  -- Its event conversation.started: empty if the conversation is older than the page's connection, null if none has
  -- started.
  started_by text collate "C",
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique (customer_id, page_id, scoped_id, platform)
);
create index contacts_listing on contacts (customer_id, id);
create index contacts_page on contacts (customer_id, page_id, id);
create index contacts_scoped_id on contacts (customer_id, scoped_id);
create index contacts_asid on contacts (customer_id, asid) where asid is not null;

-- WhatsApp: every id of a contact, including its scoped id. An alias never moves to another contact.
create table contact_aliases (
  customer_id text collate "C" not null,
  page_id text collate "C" not null,
  alias text collate "C" not null,
  type text not null check (type in ('wa_id', 'bsuid', 'parent_bsuid')),
  scoped_id text collate "C" not null,
  position int not null,
  created_at timestamptz not null default now(),
  primary key (customer_id, page_id, alias)
);
create index contact_aliases_contact on contact_aliases (customer_id, page_id, scoped_id);
create index contact_aliases_alias on contact_aliases (customer_id, alias);
