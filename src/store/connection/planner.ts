/**
 * Settings for statements that read rows by key, in order, in batches. By default the planner relies on the size a
 * table had when it was last analyzed, and the number of open deliveries changes faster than that. Their index must be
 * scanned in order: such a scan ends at the limit, and it marks the entries of finished deliveries as dead, so that the
 * next scan skips them.
 */
export const KEYED_LOOKUPS = [
  "jit=off",
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  "enable_bitmapscan=off",
  "enable_sort=off",
  "enable_hashjoin=off",
  "enable_mergejoin=off",
]

/**
 * Settings for one transaction, which may still plan for its parameters and sort: tables are read through an index, in
 * its order, and only up to the limit. `jit` is off because the disabled plan types inflate the estimated cost.
 */
export const WALKS_INDEXES = `select ${["enable_seqscan", "enable_bitmapscan", "jit"].map((name) => `set_config('${name}', 'off', true)`).join(", ")}`
