import { describe, expect, it } from "vitest"
import { leastConnections, poolSizes, sizeOf } from "../../../src/store/connection/pool-sizes.ts"
import { postgresHosts, postgresUrlFault } from "../../../src/store/connection/postgres-url.ts"

describe("a Postgres URL", () => {
  it.each([
    ["postgres://x/y?sslmod=require", /unknown option sslmod/],
    ["postgres://x/y?sslmode=prefer", /must have a sslmode of disable, require, verify-ca, verify-full/],
    ["postgres://x/y?sslmode=verify-ca", /must name the certificate authority in sslrootcert/],
    ["postgres://x/y?sslmode=require&sslrootcert=system", /must have sslmode=verify-full/],
    ["postgres://x/y?target_session_attrs=standby", /must have a target_session_attrs of any, read-write, primary/],
    ["postgres://a:x,b/y", /must be a URL/],
  ])("%s is refused", (url, fault) => {
    expect(postgresUrlFault(url)).toMatch(fault)
  })

  it.each([
    "postgres://u:p@a:5432,b:5433/y?target_session_attrs=read-write",
    "postgres://u:p@a,b/y?sslmode=verify-full&sslrootcert=system",
    "postgres://u:p@a/y?sslmode=disable",
  ])("%s is taken", (url) => {
    expect(postgresUrlFault(url)).toBeUndefined()
  })

  it("may name several hosts, of which one that takes writes is wanted", () => {
    const { hosts, writable } = postgresHosts("postgres://u:p@a:5432,b:5433/y?application_name=z")
    expect(hosts).toMatchObject([
      { host: "a", port: 5432, user: "u", password: "p", database: "y", application_name: "z" },
      { host: "b", port: 5433, user: "u", password: "p", database: "y", application_name: "z" },
    ])
    expect(writable).toBe(true)
    const compatible = "postgres://a/y?uselibpqcompat=true&sslmode=verify-full&sslrootcert=system"
    expect(postgresHosts(compatible).hosts).toMatchObject([{ host: "a", ssl: {} }])
    expect(postgresHosts("postgres://a,b/y?target_session_attrs=any").writable).toBe(false)
  })
})

describe("the connections of a process", () => {
  const roles = ["all", "gateway", "dispatcher"] as const
  it.each(roles.flatMap((role) => [true, false].map((queue) => [role, queue] as const)))(
    "are never more than DATABASE_POOL_SIZE (%s, queue in Postgres: %s)",
    (role, queue) => {
      const least = leastConnections(role, queue)
      for (let most = least; most < 60; most++) expect(sizeOf(poolSizes(role, queue, most))).toBe(most)
      const usual = poolSizes(role, queue)
      expect(poolSizes(role, queue, sizeOf(usual))).toEqual(usual)
      const fewest = poolSizes(role, queue, least)
      expect(Object.values({ ...fewest, queue: queue ? fewest.queue : 1 }).every((size) => size > 0)).toBe(true)
    },
  )
})
