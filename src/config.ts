import { join } from "node:path"
import { z } from "zod"
import { isCustomerKey } from "./core/api-key.ts"
import { type RedisLocation, redisLocation } from "./core/redis-url.ts"

const DEFAULT_PORTS = "443,8443"

const list = (value: string) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")

const CommaList = z.string().transform(list)
const Ports = CommaList.pipe(z.array(z.string().transform(Number).pipe(z.int().min(1).max(65_535))))
const Cidrs = CommaList.pipe(z.array(z.union([z.cidrv4(), z.cidrv6()])))
const Proxies = CommaList.pipe(
  z.array(
    z.union([z.literal("loopback"), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
      error: "must be loopback, addresses or networks such as 10.0.0.0/8, separated by commas",
    }),
  ),
)
const AdminKey = z
  .string()
  .min(32, "must have at least 32 characters")
  .refine((key) => !isCustomerKey(key), "must not begin with ohk_live_ or ohk_test_, as customers' keys do")
const Postgres = z.string().regex(/^postgres(ql)?:\/\//, "must start with postgres:// or postgresql://")

const EncryptionKeys = CommaList.pipe(
  z
    .array(
      z.string().transform((text, context) => {
        const key = parseEncryptionKey(text)
        if (key) return key
        context.addIssue("must be <id>:<base64 of 32 bytes>, several separated by commas")
        return z.NEVER
      }),
    )
    .min(1),
)

const Redis = z.string().transform((text, context) => {
  try {
    return redisLocation(text)
  } catch (error) {
    context.addIssue((error as Error).message)
    return z.NEVER
  }
})

const Env = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRUST_PROXY: Proxies.default([]),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: Postgres.optional(),
  REDIS_URL: Redis.optional(),
  ADMIN_KEY: AdminKey.optional(),
  ENCRYPTION_KEYS: EncryptionKeys.optional(),
  META_APP_SECRET: CommaList.pipe(z.array(z.string()).min(1)).optional(),
  META_VERIFY_TOKEN: z.string().min(8, "must have at least 8 characters").optional(),
  ROLE: z.enum(["all", "gateway", "dispatcher"]).default("all"),
  ENDPOINT_ALLOWED_CIDRS: Cidrs.default([]),
  ENDPOINT_ALLOWED_PORTS: z.string().default(DEFAULT_PORTS).pipe(Ports),
  RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
})

const Checked = Env.superRefine((env, context) => {
  const refuse = (variable: string, message: string) => context.addIssue({ code: "custom", path: [variable], message })
  if (env.DATABASE_URL !== undefined) {
    if (env.ADMIN_KEY === undefined) refuse("ADMIN_KEY", "is required with DATABASE_URL")
    if (env.ENCRYPTION_KEYS === undefined) refuse("ENCRYPTION_KEYS", "is required with DATABASE_URL")
  } else {
    if (env.REDIS_URL !== undefined) refuse("REDIS_URL", "needs DATABASE_URL: the embedded store has its own queue")
    if (env.ROLE !== "all") refuse("ROLE", "must be all with the embedded store, which one process has to itself")
  }
})

export interface Config {
  host: string
  port: number
  publicUrl: string | undefined
  /** Whose `X-Forwarded-For` is believed: addresses, networks, `loopback`. */
  trustProxy: string[]
  dataDir: string
  role: "all" | "gateway" | "dispatcher"
  store: { kind: "embedded"; dataDir: string } | { kind: "postgres"; url: string }
  redis: RedisLocation | undefined
  adminKey: string | undefined
  encryptionKeys: { id: string; key: Uint8Array }[] | undefined
  metaApp: { secrets: string[] | undefined; verifyToken: string | undefined }
  /** Only this machine can reach us, so endpoints on this machine may be reached by us. */
  loopbackOnly: boolean
  endpoints: { allowedCidrs: string[]; allowedPorts: number[] }
  retentionDays: number
  logLevel: string
}

/** @throws Error that lists every fault by variable, what is allowed, and never a value */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""))
  const parsed = Checked.safeParse(given)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${String(issue.path[0])} ${issue.message}`)
    throw new Error(`the configuration has ${faults.length} fault(s):\n${faults.join("\n")}`)
  }
  const values = parsed.data
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
        : { kind: "postgres", url: values.DATABASE_URL },
    redis: values.REDIS_URL,
    adminKey: values.ADMIN_KEY,
    encryptionKeys: values.ENCRYPTION_KEYS,
    metaApp: { secrets: values.META_APP_SECRET, verifyToken: values.META_VERIFY_TOKEN },
    loopbackOnly: isLoopbackOnly(values),
    endpoints: { allowedCidrs: values.ENDPOINT_ALLOWED_CIDRS, allowedPorts: values.ENDPOINT_ALLOWED_PORTS },
    retentionDays: values.RETENTION_DAYS,
    logLevel: values.LOG_LEVEL,
  }
}

/**
 * A public URL means a proxy on this machine that lets others in. And where a dispatcher listens says nothing of where
 * its gateways do, so there the public URL must say it.
 */
function isLoopbackOnly({ HOST, PUBLIC_URL, ROLE }: z.output<typeof Env>): boolean {
  if (!isLoopback(HOST)) return false
  return PUBLIC_URL === undefined ? ROLE !== "dispatcher" : isLoopback(new URL(PUBLIC_URL).hostname)
}

function isLoopback(host: string): boolean {
  return /^(127(\.\d+){3}|::1|\[::1\]|localhost)$/i.test(host)
}

/** `<id>:<base64 of 32 bytes>`; undefined when it is not that. */
export function parseEncryptionKey(text: string): { id: string; key: Uint8Array } | undefined {
  const [, id = "", encoded = ""] = /^([\w-]{1,32}):(.+)$/.exec(text) ?? []
  const key = Buffer.from(encoded, "base64")
  return id !== "" && key.length === 32 ? { id, key } : undefined
}
