const FIRST_OF_ALL = (where: string) => `select min(endpoint_id) as endpoint_id from (
  (select endpoint_id from deliveries_fresh ${where} order by endpoint_id limit 1)
  union all
  (select endpoint_id from deliveries_retry ${where} order by endpoint_id limit 1)
  union all
  (select endpoint_id from deliveries_replay ${where} order by endpoint_id limit 1)
) next`

/**
 * The endpoints that have open deliveries, to go on with as `waiting`. It steps from endpoint to endpoint through the
 * indexes, so the cost is the number of endpoints, not of deliveries. The last row is null.
 */
export const WITH_WAITING_ENDPOINTS = `
with recursive waiting as (
  (${FIRST_OF_ALL("")})
  union all
  select (${FIRST_OF_ALL("where endpoint_id > w.endpoint_id")})
  from waiting w where w.endpoint_id is not null
)`
