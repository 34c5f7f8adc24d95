import { spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, it } from "vitest"
import { CHILD_ENV } from "../support/child-env.ts"

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname

const envelope = (...messages: unknown[]) =>
  JSON.stringify({ object: "page", entry: [{ id: "2", time: 1747231892123, messaging: messages }] })
const message = (mid: string, body = "hi") => ({
  sender: { id: "1" },
  recipient: { id: "2" },
  timestamp: 1747231892100,
  message: { mid, text: body },
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onehook-normalize-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** Runs the command as a process. */
async function onehook(args: string[], input = "") {
  const child = spawn(process.execPath, [MAIN, "normalize", ...args], { env: CHILD_ENV })
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve))
  child.stdin.end(input)
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  const events = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
  return { out, events, err, code }
}

it("prints one event per line, from one body or several, on one line or many", async () => {
  const lines = await file("lines.ndjson", `${envelope(message("m_1"))}\n${envelope(message("m_2"), message("m_3"))}\n`)
  const pretty = await file("pretty.json", JSON.stringify(JSON.parse(envelope(message("m_4"))), null, 2))
  const joined = await file("joined.json", `${envelope(message("m_5", 'a } "b\\'))}${envelope(message("m_6"))}`)
  const { events, err, code } = await onehook([lines, pretty, joined])
  expect(events.map(({ message }) => message.id)).toEqual(["m_1", "m_2", "m_3", "m_4", "m_5", "m_6"])
  expect({ err, code }).toEqual({ err: "", code: 0 })
})

it("reads standard input and prints the requested payload", async () => {
  const { out, events, code } = await onehook(["--payload", "compact", "--raw"], `\ufeff${envelope(message("m_1"))}`)
  expect(out).toMatch(/^\{"platform":"facebook","event":"message\.received","timestamp":1747231892,"from":"1"/)
  expect(Object.keys(events[0]).slice(-2)).toEqual(["signature_verified", "raw"])
  expect(events[0].raw.item).toEqual(message("m_1"))
  expect(code).toBe(0)
  expect((await onehook(["-"], envelope(message("m_1")))).events[0].schema_version).toBe("1")
})

it("reports the file and position of each fault, and prints the other events", async () => {
  const bad = await file(
    "bad.ndjson",
    `${envelope(message("m_1"), 7)}\n\n  {"object":}\nhello\n${envelope(message("m_2"))}\n`,
  )
  const { events, err, code } = await onehook([bad])
  const first = Buffer.byteLength(envelope(message("m_1"), 7))
  expect(events.map(({ message }) => message.id)).toEqual(["m_1", "m_2"])
  expect(err.split("\n")).toEqual([
    `${bad}:1:1 (byte 0): entry[0].messaging[1]: not an object`,
    `${bad}:3:3 (byte ${first + 4}): not valid JSON`,
    `${bad}:4:1 (byte ${first + 16}): not valid JSON`,
    "error: 3 items could not become events",
    "",
  ])
  expect(code).toBe(1)
})

it("requires --platform if a body does not name its platform", async () => {
  const flat = JSON.stringify({ field: "messages", value: message("m_1") })
  const { err, code } = await onehook([], flat)
  expect(err).toContain("-:1:1 (byte 0): does not name its platform in `object`; pass --platform")
  expect(code).toBe(1)
  const { events } = await onehook(["--platform", "instagram"], flat)
  expect(events[0]).toMatchObject({ platform: "instagram", event: "webhook.test" })
})

it("exits 2 if a file cannot be read, after converting the others", async () => {
  const good = await file("good.json", envelope(message("m_1")))
  const { events, err, code } = await onehook([join(folder, "missing.json"), good])
  expect(events).toHaveLength(1)
  expect(err).toBe(`error: cannot read ${join(folder, "missing.json")}\n`)
  expect(code).toBe(2)
})
