import type { Lab } from "./lab.ts"

/** The result of a load during a fault. */
export interface Account {
  sent: number
  /** Answered with 200. */
  acknowledged: number
  /** Acknowledged events that arrived. */
  delivered: number
  duplicated: number
  lost: number
  /** How long the disturbed part was unavailable, seconds; null if nothing was. */
  away_s: number | null
  /** From its return until the last delivery that it had delayed arrived, seconds. */
  recovered_s: number | null
  /** The longest time from posting a webhook to the first arrival of its event, seconds; null if there was no load. */
  slowest_s: number | null
  /** Further observations. */
  note: string
}

export const NOTHING: Account = {
  sent: 0,
  acknowledged: 0,
  delivered: 0,
  duplicated: 0,
  lost: 0,
  away_s: null,
  recovered_s: null,
  slowest_s: null,
  note: "",
}

export interface Fault {
  /** Its name on the command line. */
  name: string
  title: string
  /** Throws if the system does not behave as it must. */
  run(lab: Lab): Promise<Account>
}

/** @throws Error that states what was expected */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected that ${what}`)
}
