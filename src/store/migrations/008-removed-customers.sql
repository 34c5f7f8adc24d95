-- Customers that were removed lately: gateways that were not notified yet may still commit events for them.
create table removed_customers (
  id text collate "C" primary key,
  removed_at timestamptz not null default now()
);

-- Customers removed earlier, found by their leftover contacts, stepping through the index from customer to customer.
insert into removed_customers (id)
with recursive known as (
  (select customer_id from contacts order by customer_id limit 1)
  union all
  select (select customer_id from contacts where customer_id > k.customer_id order by customer_id limit 1)
  from known k where k.customer_id is not null
)
select customer_id from known k
where customer_id is not null and not exists (select from customers c where c.id = k.customer_id);
