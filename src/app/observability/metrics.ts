import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
const LATENCY_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** The metrics of one process, in Prometheus' format; documented in docs/reference/metrics.md. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    webhooks: new Counter({
      name: "onehook_webhooks_total",
      help: "Webhooks received, by result",
      labelNames: ["platform", "result"] as const,
      registers,
    }),
    events: new Counter({
      name: "onehook_events_total",
      help: "Events normalized, by platform and name; redeliveries by Meta count again",
      labelNames: ["platform", "event"] as const,
      registers,
    }),
    faults: new Counter({
      name: "onehook_faults_total",
      help: "Signed items that could not be normalized and are stored as faults",
      labelNames: ["platform"] as const,
      registers,
    }),
    unrouted: new Counter({
      name: "onehook_unrouted_events_total",
      help: "Events of pages that no customer has connected",
      labelNames: ["platform"] as const,
      registers,
    }),
    aliasConflicts: new Counter({
      name: "onehook_alias_conflicts_total",
      help: "WhatsApp items whose ids belong to two contacts; both contacts are kept",
      registers,
    }),
    batches: new Histogram({
      name: "onehook_store_batch_size",
      help: "Webhooks, endpoints or attempts per database statement",
      labelNames: ["statement"] as const,
      buckets: BATCH_BUCKETS,
      registers,
    }),
    deliveries: new Counter({
      name: "onehook_attempts_total",
      help: "Delivery attempts, by verdict",
      labelNames: ["verdict"] as const,
      registers,
    }),
    sentAfter: new Histogram({
      name: "onehook_commit_to_sent_seconds",
      help: "Time from the commit of an event to its first delivery attempt",
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    oldestDue: new Gauge({
      name: "onehook_oldest_due_seconds",
      help: "Time since which the oldest delivery of any active endpoint has been due",
      registers,
    }),
    inFlight: new Gauge({
      name: "onehook_requests_in_flight",
      help: "Requests in flight, by lane: fast endpoints, slow endpoints, replays; the lane for events above 16 KB counts units of 256 KB",
      labelNames: ["lane"] as const,
      registers,
    }),
    inLine: new Gauge({
      name: "onehook_endpoints_in_line",
      help: "Endpoints that wait for a free request slot",
      labelNames: ["lane"] as const,
      registers,
    }),
    heldEndpoints: new Gauge({
      name: "onehook_held_endpoints",
      help: "Endpoints of this dispatcher that receive nothing for now: Retry-After, or an open circuit breaker",
      registers,
    }),
    openBreakers: new Gauge({
      name: "onehook_open_breakers",
      help: "Endpoints of this dispatcher whose circuit breaker is open or half-open",
      registers,
    }),
    disabledEndpoints: new Counter({
      name: "onehook_disabled_endpoints_total",
      help: "Endpoints disabled because they answered 410 or failed for five days",
      registers,
    }),
    refusedKeys: new Counter({
      name: "onehook_refused_keys_total",
      help: "Keys refused at the API or at /metrics, by whose key it claims to be and why",
      labelNames: ["key", "reason"] as const,
      registers,
    }),
    queueErrors: new Counter({
      name: "onehook_queue_errors_total",
      help: "Failed calls to the wake queue; while it is unavailable, dispatchers poll every second",
      registers,
    }),
    storeErrors: new Counter({
      name: "onehook_store_errors_total",
      help: "Failed statements and lost connections of the database",
      registers,
    }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
