import { isIP } from "node:net"
import { join } from "node:path"
import { z } from "zod"
import { isCustomerKey } from "../../core/api/api-key.ts"
import { type RedisLocation, redisLocation } from "../../queue/redis-url.ts"
import { configFault } from "./config-fault.ts"

const DEFAULT_PORTS = "443,8443"

const list = (value: string) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")

const CommaList = z.string().transform(list)

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
/** Characters that an Authorization header can hold, see http/auth/auth.ts. */
const AdminKey = z
  .string()
  .regex(/^[\x21-\x7e]{32,500}$/, {
    error: "must be 32 to 500 visible ASCII characters, without spaces",
    abort: true,
  })
  .refine((key) => !isCustomerKey(key), "must not begin with ohk_live_ or ohk_test_, as customers' keys do")
const SESSION = "which Onehook sets by itself; set what a session needs at the role, by alter role … set"
const Postgres = z
  .string()
  .regex(/^postgres(ql)?:\/\//, { error: "must start with postgres:// or postgresql://", abort: true })
  .refine(
    // pg accepts a URL without a host, for a Unix socket; URL.canParse does not.
    (url) => URL.canParse(url.replace("@/", "@localhost/")),
    "must be a URL such as postgres://user:password@host:5432/database, with the password percent-encoded",
  )
  .refine(
    (url) => !/[?&](options|statement_timeout|query_timeout)=/.test(url),
    `must not have options, statement_timeout or query_timeout, ${SESSION}`,
  )

const ENCRYPTION_KEYS = "must be <id>:<base64 of 32 bytes>, several separated by commas"
const EncryptionKeys = CommaList.pipe(
  z
    .array(
      z.string().transform((text, context) => {
        const key = parseEncryptionKey(text)
        if (key) return key
        context.addIssue(ENCRYPTION_KEYS)
        return z.NEVER
      }),
    )
    .min(1, ENCRYPTION_KEYS)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, "must give each key an id of its own"),
)
const Secrets = CommaList.pipe(z.array(z.string()).min(1, "must be one secret, or several separated by commas"))

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
  REDIS_URL: Redis.optional(),
  REDIS_PREFIX: RedisPrefix.optional(),
  ADMIN_KEY: AdminKey.optional(),
  ENCRYPTION_KEYS: EncryptionKeys.optional(),
  META_APP_SECRET: Secrets.optional(),
  META_VERIFY_TOKEN: z.string().trim().min(8, "must have at least 8 characters").optional(),
  ROLE: choice("all", "gateway", "dispatcher").default("all"),
  ENDPOINT_ALLOWED_CIDRS: Cidrs.default([]),
  ENDPOINT_ALLOWED_PORTS: z.string().default(DEFAULT_PORTS).pipe(Ports),
  RETENTION_DAYS: whole(1, 3650).default(30),
  LOG_LEVEL: choice("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
})

type Given = Partial<Record<string, string>>

/** Faults of combinations, reported together with the faults of single variables. */
function faultsTogether({ DATABASE_URL, REDIS_URL, ROLE, ...given }: Given): string[] {
  if (DATABASE_URL !== undefined) {
    const needed = ["ADMIN_KEY", "ENCRYPTION_KEYS"].filter((name) => given[name] === undefined)
    const faults = needed.map((name) => `${name} is required with DATABASE_URL`)
    if (given.PGOPTIONS !== undefined) faults.push(`PGOPTIONS must not be set: it has options, ${SESSION}`)
    return faults
  }
  const faults: string[] = []
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
  store: { kind: "embedded"; dataDir: string } | { kind: "postgres"; url: string }
  redis: RedisLocation | undefined
  /** The beginning of every key in Redis, if it is set. */
  redisPrefix: string | undefined
  adminKey: string | undefined
  encryptionKeys: { id: string; key: Uint8Array }[] | undefined
  metaApp: { secrets: string[] | undefined; verifyToken: string | undefined }
  /** Only this machine can reach the process, so endpoints on this machine are allowed. */
  loopbackOnly: boolean
  endpoints: { allowedCidrs: string[]; allowedPorts: number[] }
  retentionDays: number
  logLevel: string
}

/** @throws Error that lists every fault: the variable, what is allowed and the value given, but no secret */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given: Given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  )
  const parsed = Env.safeParse(given)
  const single = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0])
    return configFault(name, message, given[name])
  })
  // Several items of a list may have the same fault.
  const faults = [...new Set([...single, ...faultsTogether(given)])]
  if (!parsed.success || faults.length > 0) {
    throw new Error(
      `the configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    )
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
    redisPrefix: values.REDIS_PREFIX,
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

/** Parses `<id>:<base64 of 32 bytes>`; undefined if the text has another form. */
export function parseEncryptionKey(text: string): { id: string; key: Uint8Array } | undefined {
  const [, id = "", encoded = ""] = /^([\w-]{1,32}):(.+)$/.exec(text) ?? []
  const key = Buffer.from(encoded, "base64")
  return id !== "" && key.length === 32 ? { id, key } : undefined
}
