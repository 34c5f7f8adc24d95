/**
 * For statements that look rows up by key, in order, batch by batch. Left alone, the planner chooses by the size that
 * a table had when it was last looked at, and for open deliveries that is always another. Above all it must walk
 * their index in order: only such a walk marks the entries of finished deliveries as dead, so that the next one
 * steps over them, and it ends at the limit.
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
 * For one transaction, which may still plan for its parameters and sort: what is read of a table is what an index leads
 * to, in its order, and no further than the limit. `jit` since plans look dear with what is left out.
 */
export const WALKS_INDEXES = `select ${["enable_seqscan", "enable_bitmapscan", "jit"].map((name) => `set_config('${name}', 'off', true)`).join(", ")}`
