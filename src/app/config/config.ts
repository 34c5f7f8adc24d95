import { isIP } from "node:net"
import { join } from "node:path"
import { z } from "zod"
import type { AdminKey } from "../../core/api/admin-keys.ts"
import { type RedisLocation, redisLocation } from "../../queue/redis-url.ts"
import { leastConnections, type PoolSizes, poolSizes } from "../../store/connection/pool-sizes.ts"
import { postgresUrlFault } from "../../store/connection/postgres-url.ts"
import { configFault } from "./config-fault.ts"
import { withSecretFiles } from "./secret-files.ts"
import { AdminKeys, CommaList, EncryptionKeys, Secrets, VerifyToken } from "./secret-values.ts"

const DEFAULT_PORTS = "443,8443"
const DEFAULT_SHUTDOWN_DELAY_MS = 3_000
/** With the longest request to an endpoint (20 s) the stop still fits in 25 s. */
const MAX_SHUTDOWN_DELAY_MS = 5_000

function whole(min: number, max: number, allowed = `must be a whole number from ${min} to ${max}`) {
  return z
    .string()
    .regex(/^\d+$/, { error: allowed, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, allowed)
}

function choice<const T extends string[]>(...values: T) {
  return z.enum(values, { error: `must be one of ${values.join(", ")}` })
}

const Host = z
  .string()
  .refine(
    (host) => isIP(host) !== 0 || /^[\w-]+(\.[\w-]+)*\.?$/.test(host),
    "must be an address or a host name, such as 0.0.0.0, without scheme and port",
  )
/** The start of every callback URL. */
const PublicUrl = z
  .string()
  .trim()
  .refine((url) => /^https?:\/\/[^\s?#]+$/i.test(url) && URL.canParse(url), {
    error: "must be an http or https URL without query and fragment, such as https://hooks.example.com",
    abort: true,
  })
  .refine(
    (url) => !/^\w+:\/\/[^/]*@/.test(url),
    "must not have a user or password: callback URLs begin with it, and customers see them",
  )
const Ports = CommaList.pipe(z.array(whole(1, 65_535, "must be ports from 1 to 65535, separated by commas")))
const Cidrs = CommaList.pipe(
  z.array(
    z.union([z.cidrv4(), z.cidrv6()], {
      error: "must be networks such as 10.20.0.0/16 or fd00::/8, separated by commas",
    }),
  ),
)
const Proxies = CommaList.pipe(
  z.array(
    z.union([z.literal("loopback"), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
      error: "must be loopback, addresses or networks such as 10.0.0.0/8, separated by commas",
    }),
  ),
)
const SESSION = "which Onehook sets by itself; set what a session needs at the role, by alter role … set"
const Postgres = z
  .string()
  .superRefine((url, context) => {
    const fault = postgresUrlFault(url)
    if (fault !== undefined) context.addIssue(fault)
  })
  .refine(
    (url) => !/[?&](options|statement_timeout|query_timeout)=/.test(url),
    `must not have options, statement_timeout or query_timeout, ${SESSION}`,
  )

const Redis = z.string().transform((text, context) => {
  try {
    return redisLocation(text)
  } catch (error) {
    context.addIssue((error as Error).message)
    return z.NEVER
  }
})

/** Without braces, which choose the slot of a key in a cluster, and without what a pattern of keys could match. */
const RedisPrefix = z.string().regex(/^[\w.:-]{1,64}$/, "must be 1 to 64 letters, digits, or characters of _ . : -")

const Env = z.object({
  HOST: Host.default("127.0.0.1"),
  PORT: whole(0, 65_535).default(3000),
  PUBLIC_URL: PublicUrl.optional(),
  TRUST_PROXY: Proxies.default([]),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: Postgres.optional(),
  DATABASE_POOL_SIZE: whole(1, 1000).optional(),
  REDIS_URL: Redis.optional(),
  REDIS_PREFIX: RedisPrefix.optional(),
  ADMIN_KEY: AdminKeys.optional(),
  ENCRYPTION_KEYS: EncryptionKeys.optional(),
  META_APP_SECRET: Secrets.optional(),
  META_VERIFY_TOKEN: VerifyToken.optional(),
  ROLE: choice("all", "gateway", "dispatcher").default("all"),
  ENDPOINT_ALLOWED_CIDRS: Cidrs.default([]),
  ENDPOINT_ALLOWED_PORTS: z.string().default(DEFAULT_PORTS).pipe(Ports),
  RETENTION_DAYS: whole(1, 3650).default(30),
  SHUTDOWN_DELAY_MS: whole(0, MAX_SHUTDOWN_DELAY_MS).optional(),
  LOG_LEVEL: choice("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
})

type Given = Partial<Record<string, string>>

/** Faults of combinations, reported together with the faults of single variables. */
function faultsTogether({ DATABASE_URL, DATABASE_POOL_SIZE, REDIS_URL, ROLE, ...given }: Given): string[] {
  if (DATABASE_URL !== undefined) {
    const needed = ["ADMIN_KEY", "ENCRYPTION_KEYS"].filter((name) => given[name] === undefined)
    const faults = needed.map((name) => `${name} is required with DATABASE_URL`)
    if (given.PGOPTIONS !== undefined) faults.push(`PGOPTIONS must not be set: it has options, ${SESSION}`)
    const least = leastConnections(ROLE === "gateway" || ROLE === "dispatcher" ? ROLE : "all", REDIS_URL === undefined)
    if (Number(DATABASE_POOL_SIZE) < least)
      faults.push(configFault("DATABASE_POOL_SIZE", `must be at least ${least} for this role`, DATABASE_POOL_SIZE))
    return faults
  }
  const faults: string[] = []
  if (DATABASE_POOL_SIZE !== undefined) faults.push("DATABASE_POOL_SIZE needs DATABASE_URL")
  if (REDIS_URL !== undefined) faults.push("REDIS_URL needs DATABASE_URL: the embedded store has its own queue")
  if (ROLE === "gateway" || ROLE === "dispatcher")
    faults.push(configFault("ROLE", "must be all with the embedded store, which one process has to itself", ROLE))
  return faults
}

export interface Config {
  host: string
  port: number
  publicUrl: string | undefined
  /** Proxies whose `X-Forwarded-For` is trusted: addresses, networks, `loopback`. */
  trustProxy: string[]
  dataDir: string
  role: "all" | "gateway" | "dispatcher"
  store: { kind: "embedded"; dataDir: string } | { kind: "postgres"; url: string; sizes: PoolSizes }
  redis: RedisLocation | undefined
  /** The beginning of every key in Redis, if it is set. */
  redisPrefix: string | undefined
  adminKeys: AdminKey[] | undefined
  encryptionKeys: { id: string; key: Uint8Array }[] | undefined
  metaApp: { secrets: string[] | undefined; verifyToken: string | undefined }
  /** Only this machine can reach the process, so endpoints on this machine are allowed. */
  loopbackOnly: boolean
  endpoints: { allowedCidrs: string[]; allowedPorts: number[] }
  retentionDays: number
  /** How long a stopping gateway still accepts requests. */
  shutdownDelayMs: number
  logLevel: string
}

/** @throws Error that lists every fault: the variable, what is allowed and the value given, but no secret */
export function readConfig(env: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""))
  const { given, unread, faults: ofFiles } = withSecretFiles(set)
  const parsed = Env.safeParse(given)
  const single = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0])
    return configFault(name, message, given[name])
  })
  // A variable whose file cannot be read is not missing as well.
  const together = faultsTogether({ ...Object.fromEntries(unread.map((name) => [name, ""])), ...given })
  // Several items of a list may have the same fault.
  const faults = [...new Set([...ofFiles, ...single, ...together])]
  if (!parsed.success || faults.length > 0) {
    throw new Error(
      `the configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    )
  }
  const values = parsed.data
  const loopbackOnly = isLoopbackOnly(values)
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    trustProxy: values.TRUST_PROXY,
    dataDir: values.DATA_DIR,
    role: values.ROLE,
    store:
      values.DATABASE_URL === undefined
        ? { kind: "embedded", dataDir: join(values.DATA_DIR, "store") }
        : {
            kind: "postgres",
            url: values.DATABASE_URL,
            sizes: poolSizes(values.ROLE, values.REDIS_URL === undefined, values.DATABASE_POOL_SIZE),
          },
    redis: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    adminKeys: values.ADMIN_KEY,
    encryptionKeys: values.ENCRYPTION_KEYS,
    metaApp: { secrets: values.META_APP_SECRET, verifyToken: values.META_VERIFY_TOKEN },
    loopbackOnly,
    endpoints: { allowedCidrs: values.ENDPOINT_ALLOWED_CIDRS, allowedPorts: values.ENDPOINT_ALLOWED_PORTS },
    retentionDays: values.RETENTION_DAYS,
    // No load balancer sends anything to a dispatcher, or to a gateway that only this machine can reach.
    shutdownDelayMs:
      values.ROLE === "dispatcher" ? 0 : (values.SHUTDOWN_DELAY_MS ?? (loopbackOnly ? 0 : DEFAULT_SHUTDOWN_DELAY_MS)),
    logLevel: values.LOG_LEVEL,
  }
}

/**
 * A public URL means that a proxy on this machine lets others in. A dispatcher's own address says nothing about its
 * gateways, so there the public URL decides.
 */
function isLoopbackOnly({ HOST, PUBLIC_URL, ROLE }: z.output<typeof Env>): boolean {
  if (!isLoopback(HOST)) return false
  return PUBLIC_URL === undefined ? ROLE !== "dispatcher" : isLoopback(new URL(PUBLIC_URL).hostname)
}

function isLoopback(host: string): boolean {
  return /^(127(\.\d+){3}|::1|\[::1\]|localhost)$/i.test(host)
}
