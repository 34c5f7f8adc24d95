import { parseArgs } from "node:util"

/** With 20 to 50 ms latency each way to Meta, several thousand webhooks a second are about this many at once. */
const CONNECTIONS = 256

const USAGE = `npm run bench -- [options]
  --rounds N    number of rounds; the results are medians (3)
  --seconds S   length of each measurement (5)
  --connections C
                connections of the load, one webhook in flight on each (256)
  --only SIZE   postgres_redis or embedded; results.json is not written
  --quick       one round of short measurements; results.json is not written
  --soak        ingest and delivery at once, reported per minute
  --minutes M   length of the soak (10)`

export interface Options {
  rounds: number
  seconds: number
  warmUpSeconds: number
  connections: number
  sizes: ("postgres_redis" | "embedded")[]
  write: boolean
  soakMinutes: number | null
}

/** Throws an Error with the usage text for an invalid option. */
export function readOptions(args: string[]): Options {
  const { values } = parse(args)
  const number = (name: "rounds" | "seconds" | "minutes" | "connections", byDefault: number) => {
    const value = Number(values[name] ?? byDefault)
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0\n${USAGE}`)
    return value
  }
  const { only } = values
  if (only !== undefined && only !== "postgres_redis" && only !== "embedded")
    throw new Error(`--only must be postgres_redis or embedded, not ${only}\n${USAGE}`)
  const quick = values.quick === true
  return {
    rounds: number("rounds", quick ? 1 : 3),
    seconds: number("seconds", quick ? 2 : 5),
    warmUpSeconds: quick ? 1 : 2,
    connections: number("connections", CONNECTIONS),
    sizes: only ? [only] : values.soak ? ["postgres_redis"] : ["postgres_redis", "embedded"],
    write: !quick && only === undefined && values.connections === undefined,
    soakMinutes: values.soak ? number("minutes", 10) : null,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        rounds: { type: "string" },
        seconds: { type: "string" },
        minutes: { type: "string" },
        connections: { type: "string" },
        only: { type: "string" },
        quick: { type: "boolean" },
        soak: { type: "boolean" },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`)
  }
}
