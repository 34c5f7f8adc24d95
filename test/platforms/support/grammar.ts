import fc from "fast-check"
import { bodyOf, fixtures } from "./fixtures.ts"

/** What the fixtures have under one key, wherever it stands. */
interface Seen {
  scalars: Set<unknown>
  keys: Set<string>
  /** It was a list somewhere. */
  list: boolean
}

const seen = new Map<string, Seen>()
for (const fixture of fixtures) learn("", bodyOf(fixture))

const ODD = [
  ...[null, undefined, true, "", "0", 0, -1, -0, 1e300, 2 ** 53, [], {}, [[]], [null], [{}], { id: {} }],
  ...["\u0000", "\ud800", "constructor", "__proto__", "9".repeat(400), "x".repeat(600), "2026-01-01T00:00:00Z"],
]

/** What Meta would not send. */
export const odd = fc.oneof(fc.constantFrom(...ODD), fc.string(), fc.double(), fc.jsonValue())
export const anyKey = fc.constantFrom(...seen.keys())

const MAX_DEPTH = 9
/** Without these most of a body would be refused before it is read. */
const NEEDED = new Set([
  "object",
  "entry",
  "id",
  "field",
  "value",
  "metadata",
  "phone_number_id",
  "sender",
  "recipient",
])
const known = new Map<string, fc.Arbitrary<unknown>>()

/** A body of Meta's own keys and values, put together as nobody would; now and then with something odd in it. */
export const generatedBody = fc.oneof(
  { weight: 1, arbitrary: under("", MAX_DEPTH) },
  { weight: 4, arbitrary: fc.record({ object: under("object", 0), entry: under("entry", MAX_DEPTH) }) },
)

/** Something that may stand under a key. */
export const anyPart = fc.tuple(anyKey, fc.constantFrom(1, 2, 4)).chain(([key, depth]) => under(key, depth))

function under(key: string, depth: number): fc.Arbitrary<unknown> {
  const name = `${depth} ${key}`
  const made = known.get(name) ?? make(key, depth)
  known.set(name, made)
  return made
}

function make(key: string, depth: number): fc.Arbitrary<unknown> {
  const { scalars, keys, list } = seen.get(key) ?? { scalars: new Set(), keys: new Set(), list: false }
  const choices = [{ weight: 1, arbitrary: odd as fc.Arbitrary<unknown> }]
  if (scalars.size > 0) choices.push({ weight: 20, arbitrary: fc.constantFrom(...scalars) })
  if (keys.size > 0 && depth > 0) {
    const object = objectOf([...keys], depth - 1)
    choices.push({ weight: 20, arbitrary: list ? fc.array(object, { minLength: 1, maxLength: 3 }) : object })
  }
  return fc.oneof(...choices)
}

function objectOf(keys: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const needed = keys.filter((key) => NEEDED.has(key))
  const others = keys.filter((key) => !NEEDED.has(key))
  const some = fc.subarray(others, { minLength: Math.min(others.length, 1), maxLength: Math.min(others.length, 7) })
  return some.chain((chosen) =>
    fc.record(Object.fromEntries([...needed, ...chosen].map((key) => [key, under(key, depth)])), {
      noNullPrototype: true,
    }),
  )
}

function learn(key: string, value: unknown): void {
  const entry = seen.get(key) ?? { scalars: new Set(), keys: new Set(), list: false }
  seen.set(key, entry)
  if (Array.isArray(value)) {
    entry.list = true
    for (const each of value) learn(key, each)
  } else if (typeof value === "object" && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      entry.keys.add(name)
      learn(name, each)
    }
  } else entry.scalars.add(value)
}
