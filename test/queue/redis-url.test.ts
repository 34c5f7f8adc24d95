import { describe, expect, test } from "vitest"
import { redisLocation } from "../../src/queue/redis-url.ts"

describe("REDIS_URL", () => {
  test.each([
    ["redis://localhost", { kind: "single", nodes: [{ host: "localhost", port: 6379 }], tls: false }],
    [
      "redis://:p%40ss@10.0.0.1:7000/3",
      { kind: "single", nodes: [{ host: "10.0.0.1", port: 7000 }], tls: false, password: "p@ss", db: 3 },
    ],
    [
      "rediss://user:pw@[::1]:6380",
      { kind: "single", nodes: [{ host: "::1", port: 6380 }], tls: true, username: "user", password: "pw" },
    ],
    [
      "redis://a:1,b:2",
      {
        kind: "cluster",
        nodes: [
          { host: "a", port: 1 },
          { host: "b", port: 2 },
        ],
        tls: false,
      },
    ],
    ["redis://a?cluster", { kind: "cluster", nodes: [{ host: "a", port: 6379 }], tls: false }],
    [
      "redis://a,b:26380?sentinel=mymaster",
      {
        kind: "sentinel",
        sentinelName: "mymaster",
        nodes: [
          { host: "a", port: 26379 },
          { host: "b", port: 26380 },
        ],
        tls: false,
      },
    ],
    [
      "rediss://s1?sentinel=m&sentinelUsername=watcher&sentinelPassword=p%2Bw",
      {
        kind: "sentinel",
        sentinelName: "m",
        sentinelUsername: "watcher",
        sentinelPassword: "p+w",
        nodes: [{ host: "s1", port: 26379 }],
        tls: true,
      },
    ],
  ])("%s is understood", (url, expected) => {
    expect(redisLocation(url)).toEqual(expected)
  })

  test.each([
    ["http://localhost", "must be redis://host:port or rediss://host:port"],
    ["redis://", "must be redis://host:port or rediss://host:port"],
    ["redis://a:99999", "has a host that is not host or host:port"],
    ["redis://a?sentinel=", "needs the name of the master after sentinel="],
    ["redis://a?sentinal=x", "has the unknown option sentinal; allowed are cluster, sentinel, sentinelUsername, "],
    ["redis://:p@ss@a", "has an @ in its user or password; write it as %40"],
    ["redis://:p@ss?wo&rd@a", "has an @ in its user or password; write it as %40"],
    ["redis://a?sentinelPassword=x", "has a login for sentinels, but no sentinel=name"],
    ["redis://a,b/2", "a cluster has only database 0"],
    ["redis://a?cluster&sentinel=x", "can be either a cluster or behind sentinels, not both"],
  ])("%s is refused with the reason", (url, message) => {
    expect(() => redisLocation(url)).toThrow(message)
  })

  test("an error never contains the password", () => {
    expect(() => redisLocation("redis://:hunter2@a:0")).toThrow(expect.not.stringContaining("hunter2"))
  })
})
