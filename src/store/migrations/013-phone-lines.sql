-- Beside the ids of a contact the lines of its numbers, so that the two numbers of one line are one contact's, and unique
-- keys decide among gateways whose it is. Of contacts that are two already the first keeps it.
alter table contact_aliases
  drop constraint contact_aliases_type_check,
  add constraint contact_aliases_type_check check (type in ('wa_id', 'bsuid', 'parent_bsuid', 'line')) not valid;

-- The same patterns as in src/core/contact/phone-line.ts.
insert into contact_aliases (customer_id, page_id, alias, type, scoped_id, position)
select distinct on (customer_id, page_id, line) customer_id, page_id, '~' || line, 'line', scoped_id, 0
from (
  select customer_id, page_id, scoped_id, created_at, case
    when alias ~ '^55[1-9]\d9?[6-9]\d{7}$' then regexp_replace(alias, '^(55[1-9]\d)9?([6-9]\d{7})$', '\1\2')
    when alias ~ '^521?[2-9]\d{9}$' then regexp_replace(alias, '^(52)1?([2-9]\d{9})$', '\1\2')
    when alias ~ '^549?[1-3]\d{9}$' then regexp_replace(alias, '^(54)9?([1-3]\d{9})$', '\1\2')
  end as line
  from contact_aliases where type = 'wa_id' and left(alias, 1) = '5'
) numbers
where line is not null
order by customer_id, page_id, line, created_at, scoped_id
on conflict do nothing;
