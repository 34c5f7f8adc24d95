import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Received } from "./receiver.ts"

const PAGE = join(import.meta.dirname, "../../docs/guides/receive-events.md")

/** Python on the path. Where it is missing the suites that need it are skipped by name; CI does not allow that. */
export const hasPython = spawnSync("python3", ["--version"]).status === 0
if (!hasPython && process.env.CI) throw new Error("no python3 found, which CI does not allow")

const READ_AND_ANSWER = `
import json, sys
given = json.load(sys.stdin)
print(json.dumps([is_genuine(one["headers"], one["body"].encode(), one["secret"]) for one in given]))
`

/** What a receiver in another language says of each request: the code is that of docs/guides/receive-events.md, as customers copy it. */
export function genuineInPython(
  requests: { received: Pick<Received, "headers" | "body">; secret: string }[],
  nowS?: number,
): boolean[] {
  const [, code = ""] = /```python\n([\s\S]*?)```/.exec(readFileSync(PAGE, "utf8")) ?? []
  const input = requests.map(({ received: { headers, body }, secret }) => ({ headers, body, secret }))
  const clock = nowS === undefined ? "" : `import time\ntime.time = lambda: ${nowS}\n`
  const program = clock + code + READ_AND_ANSWER
  return JSON.parse(execFileSync("python3", ["-c", program], { input: JSON.stringify(input) }).toString())
}
