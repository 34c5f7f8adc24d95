const LOWEST_ENDPOINT = (where: string) => `select min(endpoint_id) as endpoint_id from (
  (select endpoint_id from deliveries_fresh ${where} order by endpoint_id limit 1)
  union all
  (select endpoint_id from deliveries_retry ${where} order by endpoint_id limit 1)
  union all
  (select endpoint_id from deliveries_replay ${where} order by endpoint_id limit 1)
) next`

/**
 * The beginning of a statement: `waiting` lists the endpoints with open deliveries. It steps through the indexes from
 * one endpoint to the next, so its cost depends on the number of endpoints, not of deliveries. The last row is null.
 */
export const WITH_WAITING_ENDPOINTS = `
with recursive waiting as (
  (${LOWEST_ENDPOINT("")})
  union all
  select (${LOWEST_ENDPOINT("where endpoint_id > w.endpoint_id")})
  from waiting w where w.endpoint_id is not null
)`
