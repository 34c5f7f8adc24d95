import type { Lab } from "./lab.ts"

/** What became of what was sent while something was wrong. */
export interface Account {
  sent: number
  /** Answered with 200. */
  acknowledged: number
  /** Of these, how many arrived. */
  delivered: number
  duplicated: number
  lost: number
  /** For how long the part was away, seconds; null where nothing was. */
  away_s: number | null
  /** From when the part was back until the last delivery that it had delayed was there, seconds. */
  recovered_s: number | null
  /** What else was seen. */
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
  note: "",
}

export interface Fault {
  /** As it is called on the command line. */
  name: string
  title: string
  /** Throws if a condition of the fault is not met. */
  run(lab: Lab): Promise<Account>
}

/** @throws Error that says what should have been the case */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected that ${what}`)
}
