import type { Metrics } from "./metrics.ts"

export function countRefused({ refusedKeys }: Pick<Metrics, "refusedKeys">) {
  return (key: "operator" | "customer", reason: string) => refusedKeys.inc({ key, reason })
}
