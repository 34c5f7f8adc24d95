import { z } from "zod"
import { pageOf } from "../../core/api/resources/common.ts"
import { NewReplay, Replay, ReplayCount, ReplayQuery } from "../../core/api/resources/replay.ts"
import type { EndpointsStore } from "../../core/api/stores/endpoints.ts"
import type { ReplaysStore } from "../../core/api/stores/replays.ts"
import { type LimitOf, limitReached } from "../routing/limits.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, type Routes } from "../routing/route.ts"

interface ReplayRoutesDeps {
  replays: ReplaysStore
  endpoints: Pick<EndpointsStore, "get">
  limitOf: LimitOf
  newId(prefix: string): string
  now(): number
}

export function replayRoutes(routes: Routes, { replays, endpoints, limitOf, newId, now }: ReplayRoutesDeps): void {
  routes.customer(["write", "read"], {
    method: "POST",
    url: "/v1/endpoints/:id/replays",
    operation: "createReplay",
    summary: "Replay stored events",
    description:
      "Delivers stored events to the endpoint again. Without `state`, it covers all events that match the endpoint's " +
      "filter, including those from before the endpoint existed. Events keep their ids. With `dry_run` the events are " +
      "only counted. A replay reads what is stored, so it requires `read` beside `write`.",
    body: NewReplay,
    changes: (body) => !body.dry_run,
    response: z.union([Replay, ReplayCount]),
    async handle({ customerId, id: endpointId, body }) {
      found(await endpoints.get(customerId, endpointId))
      if (body.dry_run) return { dry_run: true, total: await replays.count(customerId, endpointId, body, now()) }
      const given = { id: newId("rpl"), customerId, endpointId, given: body, nowMs: now() }
      const max = await limitOf("replays", customerId)
      const replay = await replays.create(given, max)
      if (replay === "full") throw limitReached("replays", max)
      return replay
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/replays",
    operation: "listReplays",
    summary: "List replays",
    query: ReplayQuery,
    response: pageOf(Replay),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.replays, query)
      return pageResponse(CURSORS.replays, await replays.list(customerId, query.endpoint_id, page))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/replays/:id",
    operation: "getReplay",
    summary: "Get a replay",
    response: Replay,
    async handle({ customerId, id }) {
      return found(await replays.get(customerId, id))
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/replays/:id/cancel",
    operation: "cancelReplay",
    summary: "Cancel a replay",
    description:
      "The replay creates no more deliveries. Those it has already created, at most a few hundred, are still sent.",
    response: Replay,
    async handle({ customerId, id }) {
      return found(await replays.cancel(customerId, id))
    },
  })
}
