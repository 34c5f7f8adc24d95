import { AppError } from "../../core/api/problem.ts"
import { App, AppPatch, CreatedApp, NewApp } from "../../core/api/resources/app.ts"
import { PageQuery, pageOf } from "../../core/api/resources/common.ts"
import type { AppRecord, AppsStore } from "../../core/api/stores/apps.ts"
import { type LimitOf, limitReached } from "../routing/limits.ts"
import { CURSORS, pageRequest, pageResponse } from "../routing/pages.ts"
import { found, notFound, type Routes } from "../routing/route.ts"

export interface AppRoutesDeps {
  apps: AppsStore
  limitOf: LimitOf
  publicUrl(): string
  newId(prefix: string): string
  randomBytes(size: number): Uint8Array
  changed(customerId: string | null): Promise<void>
}

const VERIFY_TOKEN_BYTES = 24

export function appRoutes(routes: Routes, deps: AppRoutesDeps): void {
  const { apps, changed } = deps

  function present(app: AppRecord): App {
    const url = (platform: string) => `${deps.publicUrl()}/webhooks/${platform}/${app.id}`
    const callbackUrls = { facebook: url("facebook"), instagram: url("instagram"), whatsapp: url("whatsapp") }
    return { ...app, callback_urls: callbackUrls }
  }

  routes.owner("read", {
    method: "GET",
    url: "/v1/apps",
    operation: "listApps",
    summary: "List apps",
    description:
      "The apps of the operator or of a customer. The default app, set by environment variables, is not listed.",
    query: PageQuery,
    response: pageOf(App),
    async handle({ owner, query }) {
      const { data, next } = await apps.list(owner, pageRequest(CURSORS.apps, query))
      return pageResponse(CURSORS.apps, { data: data.map(present), next })
    },
  })

  routes.owner("write", {
    method: "POST",
    url: "/v1/apps",
    operation: "createApp",
    summary: "Register a Meta app",
    description: "The app gets its own callback URLs; webhooks that arrive there are verified with its secrets.",
    body: NewApp,
    response: CreatedApp,
    status: 201,
    async handle({ owner, body }) {
      const verifyToken = body.verify_token ?? Buffer.from(deps.randomBytes(VERIFY_TOKEN_BYTES)).toString("base64url")
      const max = await deps.limitOf("apps", owner)
      const app = await apps.create({ ...body, id: deps.newId("app"), owner, verify_token: verifyToken }, max)
      if (!app) throw limitReached("apps", max)
      await changed(owner)
      return { ...present(app), verify_token: verifyToken }
    },
  })

  routes.owner("read", {
    method: "GET",
    url: "/v1/apps/:id",
    operation: "getApp",
    summary: "Get an app",
    response: App,
    async handle({ owner, id }) {
      return present(found(await apps.get(owner, id)))
    },
  })

  routes.owner("write", {
    method: "PATCH",
    url: "/v1/apps/:id",
    operation: "updateApp",
    summary: "Update an app",
    description:
      "`secrets` replaces the whole list. To rotate a secret, send the new and the old one, then the new one alone.",
    body: AppPatch,
    response: App,
    async handle({ owner, id, body }) {
      const app = found(await apps.update(owner, id, body))
      await changed(owner)
      return present(app)
    },
  })

  routes.owner("write", {
    method: "DELETE",
    url: "/v1/apps/:id",
    operation: "deleteApp",
    summary: "Delete an app",
    description: "Fails with `app_in_use` while the app has connections.",
    async handle({ owner, id }) {
      const result = await apps.remove(owner, id)
      if (result === null) throw notFound()
      if (result === "in_use") throw new AppError("app_in_use", "Delete the app's connections first.")
      await changed(owner)
    },
  })
}
