import fc from "fast-check"
import { it } from "vitest"
import { normalize } from "../../src/platforms/index.ts"
import { Event } from "../../src/core/event.ts"
import { bodyOf, fixtures, fullEvents } from "./fixtures.ts"
type Path = (string | number)[]
const odd = fc.oneof(fc.constantFrom(null, undefined, "", "0", 0, -1, 1e300, Infinity, NaN, true, [], {}, [[]], [null], { id: {} }, "\u0000", "\ud800"), fc.string(), fc.double(), fc.jsonValue())
function pathsOf(value: unknown, at: Path = []): Path[] { if (typeof value !== "object" || value === null) return [at]; return [at, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...at, key]))] }
function replaced(value: unknown, path: Path, replace: (old: unknown) => unknown): unknown { const [key, ...rest] = path; if (key === undefined) return replace(value); const copy = Array.isArray(value) ? [...value] : { ...(value as object) }; Object.assign(copy, { [key]: replaced((value as Record<string, unknown>)[key], rest, replace) }); return copy }
it("100k", () => {
  const reasons: Record<string, number> = {}
  fc.assert(fc.property(fc.constantFrom(...fixtures), fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 6 }), (fixture, changes) => {
    let body = bodyOf(fixture)
    for (const [at, value] of changes) { const p = pathsOf(body); body = replaced(body, p[at % p.length] ?? [], () => value) }
    const n = normalize(fixture.platform, body)
    for (const f of n.faults) reasons[f.reason] = (reasons[f.reason] ?? 0) + 1
    for (const e of fullEvents(n)) { const r = Event.safeParse(e); if (!r.success) throw new Error(JSON.stringify(r.error.issues)) }
  }), { numRuns: 100_000 })
  console.log(reasons)
}, 600000)
