import { parseArgs } from "node:util"

/** An answer takes 20 to 50 ms to Meta and the next webhook as long to here: so many at several thousand a second. */
const CONNECTIONS = 256

const USAGE = `npm run bench -- [options]
  --rounds N    number of rounds; the result is their median (3)
  --seconds S   length of each measure (5)
  --connections C
                connections of the load, each with one webhook in flight (256)
  --only SIZE   postgres_redis or embedded; nothing is written to results.json
  --quick       one round of short measures, as a trial; nothing is written to results.json
  --soak        ingest and delivery at once, minute by minute
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

/** Throws with the usage where an option is not understood. */
export function readOptions(args: string[]): Options {
  const { values } = parse(args)
  const number = (name: "rounds" | "seconds" | "minutes" | "connections", byDefault: number) => {
    const value = Number(values[name] ?? byDefault)
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0\n${USAGE}`)
    return value
  }
  const { only } = values
  if (only !== undefined && only !== "postgres_redis" && only !== "embedded")
    throw new Error(`--only ${only}?\n${USAGE}`)
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
