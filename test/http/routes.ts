type Who = "operator" | "customer" | "owner"

export interface RouteCase {
  who: Who
  scope?: "read" | "write" | "admin"
  /** Scopes that a key needs beside `scope`. */
  also?: readonly "read"[]
  /** A valid body, so that a refusal can only be caused by the tenant. */
  body?: object
}

export const SECRETS = { secrets: ["0123456789abcdef"] }

/** Every route under /v1. A test fails if a route is missing here. */
export const ROUTES: Record<string, RouteCase> = {
  "GET /v1/customers": { who: "operator" },
  "POST /v1/customers": { who: "operator", body: { name: "x" } },
  "GET /v1/customers/:id": { who: "operator" },
  "PATCH /v1/customers/:id": { who: "operator", body: { name: "taken over" } },
  "DELETE /v1/customers/:id": { who: "operator" },
  "GET /v1/customers/:id/api-keys": { who: "operator" },
  "POST /v1/customers/:id/api-keys": { who: "operator", body: {} },
  "GET /v1/api-keys": { who: "customer", scope: "admin" },
  "POST /v1/api-keys": { who: "customer", scope: "admin", body: { scopes: ["admin"] } },
  "DELETE /v1/api-keys/:id": { who: "customer", scope: "admin" },
  "POST /v1/api-keys/:id/rotate": { who: "customer", scope: "admin" },
  "GET /v1/apps": { who: "owner", scope: "read" },
  "POST /v1/apps": { who: "owner", scope: "write", body: SECRETS },
  "GET /v1/apps/:id": { who: "owner", scope: "read" },
  "PATCH /v1/apps/:id": { who: "owner", scope: "write", body: SECRETS },
  "DELETE /v1/apps/:id": { who: "owner", scope: "write" },
  "GET /v1/connections": { who: "owner", scope: "read" },
  "POST /v1/connections": { who: "customer", scope: "write", body: { platform: "facebook", page_id: "scope1" } },
  "GET /v1/connections/:id": { who: "customer", scope: "read" },
  "PATCH /v1/connections/:id": { who: "customer", scope: "write", body: { access_token: "stolen" } },
  "DELETE /v1/connections/:id": { who: "customer", scope: "write" },
  "POST /v1/connections/:id/activate": { who: "operator" },
  "GET /v1/endpoints": { who: "customer", scope: "read" },
  "POST /v1/endpoints": { who: "customer", scope: "write", body: { url: "https://a.example" } },
  "GET /v1/endpoints/:id": { who: "customer", scope: "read" },
  "PATCH /v1/endpoints/:id": { who: "customer", scope: "write", body: { url: "https://attacker.example" } },
  "DELETE /v1/endpoints/:id": { who: "customer", scope: "write" },
  "POST /v1/endpoints/:id/rotate-secret": { who: "customer", scope: "write" },
  "POST /v1/endpoints/:id/revoke-secrets": { who: "customer", scope: "write" },
  "POST /v1/endpoints/:id/enable": { who: "customer", scope: "write" },
  "POST /v1/endpoints/:id/disable": { who: "customer", scope: "write" },
  "GET /v1/events": { who: "customer", scope: "read" },
  "GET /v1/events/stream": { who: "customer", scope: "read" },
  "GET /v1/events/:id": { who: "customer", scope: "read" },
  "GET /v1/deliveries": { who: "customer", scope: "read" },
  "GET /v1/deliveries/:id": { who: "customer", scope: "read" },
  "GET /v1/contacts": { who: "customer", scope: "read" },
  "GET /v1/contacts/:id": { who: "customer", scope: "read" },
  "DELETE /v1/contacts/:id": { who: "customer", scope: "write" },
  "POST /v1/deliveries/:id/retry": { who: "customer", scope: "write", also: ["read"] },
  "POST /v1/endpoints/:id/test": { who: "customer", scope: "write" },
  "POST /v1/endpoints/:id/replays": {
    who: "customer",
    scope: "write",
    also: ["read"],
    body: { after: "2026-01-01T00:00:00Z" },
  },
  "GET /v1/replays": { who: "customer", scope: "read" },
  "GET /v1/replays/:id": { who: "customer", scope: "read" },
  "POST /v1/replays/:id/cancel": { who: "customer", scope: "write" },
  "GET /v1/unrouted": { who: "operator" },
  "GET /v1/faults": { who: "operator" },
  "DELETE /v1/faults/:id": { who: "operator" },
  "GET /v1/audit-log": { who: "owner", scope: "admin" },
  "GET /v1/encryption": { who: "operator" },
  "POST /v1/encryption/reencrypt": { who: "operator", body: { key: "k1" } },
}
