/**
 * The endpoints that have open deliveries, to go on with as `waiting`. It steps from endpoint to endpoint through the
 * index, so the cost is the number of endpoints, not of deliveries. The last row is null.
 */
export const WITH_WAITING_ENDPOINTS = `
with recursive waiting as (
  (select endpoint_id from deliveries_open order by endpoint_id limit 1)
  union all
  select (select endpoint_id from deliveries_open where endpoint_id > w.endpoint_id order by endpoint_id limit 1)
  from waiting w where w.endpoint_id is not null
)`
