import { createHmac } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { verifyMetaSignature } from "../src/core/delivery/signature.ts"
import { parseBody } from "../src/core/json/json-body.ts"
import { normalize } from "../src/platforms/index.ts"
import { fixtures } from "../test/platforms/support/fixtures.ts"
import { ADVERSARIAL, type Sized } from "./load/adversarial.ts"

const SECRET = "bench-secret-bench-secret-bench1"
const RESULTS = new URL("./results.json", import.meta.url)
/** Alternating repetitions of which the fastest counts, because other load on the machine can only add time. */
const TURNS = { corpus: 300, large: 12 }

interface Body {
  platform: Sized["platform"]
  bytes: Buffer
  signature: string
}

interface NormalizeResults {
  bodies: number
  /** Microseconds per body of the corpus. */
  baseline_us: number
  onehook_us: number
  ratio: number
  /** Nanoseconds per byte of a full-size body, and their ratio to a body of half the size; 1 means linear. */
  bodies_of_size: Record<string, { mb: number; ns_per_byte: number; to_half: number }>
}

/** The cost of verifying, parsing and normalizing, compared with an HMAC and `JSON.parse` of the same bytes. */
export function measureNormalize(): NormalizeResults {
  const corpus = fixtures.map(({ platform, text, body }) => signed(platform, text ?? JSON.stringify(body)))
  const [baseline, onehook] = leastOf(TURNS.corpus, [
    () => corpus.forEach(verifyAndParse),
    () => corpus.forEach(ingest),
  ])
  const sizes = Object.entries(ADVERSARIAL).map(([name, sized]) => [name, growth(sized)] as const)
  return {
    bodies: corpus.length,
    baseline_us: round((baseline * 1000) / corpus.length),
    onehook_us: round((onehook * 1000) / corpus.length),
    ratio: round(onehook / baseline),
    bodies_of_size: Object.fromEntries(sizes),
  }
}

export function renderNormalize(results: NormalizeResults): string {
  const { bodies, baseline_us, onehook_us, ratio, bodies_of_size } = results
  const sizes = Object.entries(bodies_of_size).map(
    ([name, { mb, ns_per_byte, to_half }]) =>
      `  ${name.padEnd(44)}${mb} MB  ${ns_per_byte.toFixed(2).padStart(6)} ns/byte, ${to_half.toFixed(2)} times that of half the size`,
  )
  const head = `verify, parse, normalize: ${onehook_us} µs a body of ${bodies}; HMAC and JSON.parse: ${baseline_us} µs; ratio ${ratio}`
  return [head, ...sizes].join("\n")
}

function growth({ platform, mb, build }: Sized) {
  const whole = signed(platform, build(mb * 1_000_000))
  const half = signed(platform, build(mb * 500_000))
  const [wholeMs, halfMs] = leastOf(TURNS.large, [() => ingest(whole), () => ingest(half)])
  const perByte = (ms: number, { bytes }: Body) => (ms * 1_000_000) / bytes.length
  return {
    mb: round(whole.bytes.length / 1_000_000),
    ns_per_byte: round(perByte(wholeMs, whole)),
    to_half: round(perByte(wholeMs, whole) / perByte(halfMs, half)),
  }
}

function signed(platform: Body["platform"], text: string): Body {
  const bytes = Buffer.from(text)
  return { platform, bytes, signature: `sha256=${createHmac("sha256", SECRET).update(bytes).digest("hex")}` }
}

function verifyAndParse({ bytes }: Body): unknown {
  createHmac("sha256", SECRET).update(bytes).digest()
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function ingest({ platform, bytes, signature }: Body): unknown {
  if (verifyMetaSignature(bytes, signature, [SECRET]) !== "valid") throw new Error("the signature does not match")
  const { body, isCut } = parseBody(bytes)
  return normalize(platform, body, { isCut })
}

/** The shortest time of each, in milliseconds. */
function leastOf<Works extends readonly (() => void)[]>(
  turns: number,
  works: [...Works],
): { [K in keyof Works]: number } {
  const least = works.map(() => Number.POSITIVE_INFINITY)
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, work] of works.entries()) {
      const start = performance.now()
      work()
      least[index] = Math.min(least[index] ?? 0, performance.now() - start)
    }
  }
  return least as { [K in keyof Works]: number }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

if (import.meta.main) {
  const normalize = measureNormalize()
  console.log(renderNormalize(normalize))
  writeFileSync(RESULTS, `${JSON.stringify({ ...JSON.parse(readFileSync(RESULTS, "utf8")), normalize }, null, 2)}\n`)
}
