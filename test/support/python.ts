import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Received } from "./receiver.ts"

const PAGE = join(import.meta.dirname, "../../docs/guides/receive-events.md")

/** Is Python on the path? If not, suites that need it are skipped by name; in CI the run fails. */
export const hasPython = spawnSync("python3", ["--version"]).status === 0
if (!hasPython && process.env.CI) throw new Error("no python3 found on the path; CI must not skip suites")

const READ_AND_ANSWER = `
import json, sys
given = json.load(sys.stdin)
print(json.dumps([is_genuine(one["headers"], one["body"].encode(), one["secret"]) for one in given]))
`

/** Whether each request is genuine, as checked by the Python code of the guide, which customers copy. */
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
