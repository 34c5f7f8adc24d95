import { join } from "node:path"
import type { World } from "../load/world.ts"
import { createDatabase, dropDatabase, type PostgresServer, query } from "../support/postgres.ts"
import type { Closers } from "../support/processes.ts"
import { command, type RedisServer } from "../support/redis.ts"
import { createApi, setUp } from "./api.ts"
import { createCredentials, startOnehook } from "./process.ts"
import type { Running, Size } from "./size.ts"

const TEMPLATE = "onehook_template"

const TABLE_SIZES = `
  select c.relname as table, pg_size_pretty(pg_total_relation_size(c.oid)) as size,
    coalesce(n_live_tup, 0) as live, coalesce(n_dead_tup, 0) as dead
  from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and pg_total_relation_size(c.oid) > 1048576
  order by pg_total_relation_size(c.oid) desc limit 8`

/** A gateway and a dispatcher as separate processes. Each instance is a copy of a database that is set up once. */
export async function createPostgresRedis(
  { postgres, redis }: { postgres: PostgresServer; redis: RedisServer },
  world: World,
  folder: string,
  closers: Closers,
): Promise<Size> {
  const credentials = createCredentials(world)
  const start = (role: "gateway" | "dispatcher", database: string) => {
    const env = { ...credentials, DATABASE_URL: database, REDIS_URL: redis.url, ROLE: role }
    return startOnehook({ name: role, folder: join(folder, role), env }, closers)
  }
  const first = await start("gateway", await createDatabase(postgres.url, TEMPLATE))
  const made = await setUp(createApi(first.port, credentials.ADMIN_KEY), world).finally(first.stop)
  let opened = 0

  async function open(): Promise<Running> {
    await command(redis.url, "flushall")
    const name = `onehook_${++opened}`
    const database = await createDatabase(postgres.url, name, TEMPLATE)
    await query(postgres.url, "checkpoint")
    const gateway = await start("gateway", database)
    let dispatcher: Awaited<ReturnType<typeof start>> | undefined
    return {
      port: gateway.port,
      secrets: made.endpoints.map(({ secret }) => secret),
      async deliver() {
        dispatcher = await start("dispatcher", database)
      },
      processes: () => ({
        onehook: { gateway: gateway.pid, ...(dispatcher && { dispatcher: dispatcher.pid }) },
        servers: { postgres: postgres.pid, redis: redis.pid },
      }),
      async describeStore() {
        const rows = await query<{ table: string; size: string; live: string; dead: string }>(database, TABLE_SIZES)
        return rows.map(({ table, size, live, dead }) => `${table} ${size}, ${live} rows, ${dead} dead`)
      },
      async close() {
        await Promise.all([gateway.stop(), dispatcher?.stop()])
        await dropDatabase(postgres.url, name)
      },
    }
  }
  return { name: "postgres_redis", open }
}
