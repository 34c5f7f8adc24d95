import { z } from "zod"
import { AppError } from "../../core/api/problem.ts"
import { pageOf } from "../../core/api/resources/common.ts"
import { NewReplay, Replay, ReplayCount, ReplayQuery } from "../../core/api/resources/replay.ts"
import type { EndpointsStore } from "../../core/api/stores/endpoints.ts"
import type { ReplaysStore } from "../../core/api/stores/replays.ts"
import { CURSORS, pageAnswer, pageRequest } from "../routing/pages.ts"
import { found, type Routes } from "../routing/route.ts"

interface ReplayRoutesDeps {
  replays: ReplaysStore
  endpoints: Pick<EndpointsStore, "get">
  maxReplays: number
  newId(prefix: string): string
  now(): number
}

export function replayRoutes(routes: Routes, { replays, endpoints, maxReplays, newId, now }: ReplayRoutesDeps): void {
  routes.customer("write", {
    method: "POST",
    url: "/v1/endpoints/:id/replays",
    operation: "createReplay",
    summary: "Deliver stored events anew",
    description:
      "Without `state`, all stored events that the endpoint would get if they came now, also those from before it " +
      "existed. Events keep their ids. With `dry_run` the answer says how many there are, and nothing is made.",
    body: NewReplay,
    answer: z.union([Replay, ReplayCount]),
    async handle({ customerId, id: endpointId, body }) {
      found(await endpoints.get(customerId, endpointId))
      if (body.dry_run) return { dry_run: true, total: await replays.count(customerId, endpointId, body, now()) }
      const given = { id: newId("rpl"), customerId, endpointId, given: body, nowMs: now() }
      const replay = await replays.create(given, maxReplays)
      if (replay === "full") throw new AppError("limit_reached", `A customer may have ${maxReplays} replays running.`)
      return replay
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/replays",
    operation: "listReplays",
    summary: "List replays",
    query: ReplayQuery,
    answer: pageOf(Replay),
    async handle({ customerId, query }) {
      const page = pageRequest(CURSORS.replays, query)
      return pageAnswer(CURSORS.replays, await replays.list(customerId, query.endpoint_id, page))
    },
  })

  routes.customer("read", {
    method: "GET",
    url: "/v1/replays/:id",
    operation: "getReplay",
    summary: "Get a replay",
    answer: Replay,
    async handle({ customerId, id }) {
      return found(await replays.get(customerId, id))
    },
  })

  routes.customer("write", {
    method: "POST",
    url: "/v1/replays/:id/cancel",
    operation: "cancelReplay",
    summary: "Cancel a replay",
    description: "It makes no more deliveries. Those that it has made, a few hundred at most, are still sent.",
    answer: Replay,
    async handle({ customerId, id }) {
      return found(await replays.cancel(customerId, id))
    },
  })
}
