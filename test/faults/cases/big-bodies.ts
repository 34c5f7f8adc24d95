import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { addTenant, messengerText, postWebhook } from "../../support/onehook.ts"
import { type Account, demand, type Fault, NOTHING } from "../fault.ts"
import type { Lab } from "../lab.ts"

const BODIES = 50
/** The whole body is a little less than the longest one of 4 MB. */
const BODY_BYTES = 4_150_000
const ITEM_BYTES = [BODY_BYTES, 1_000, 210]
const MOST_MEGABYTES = 700
const REPEAT_MS = 250

/** Many webhooks of the maximum length at once, of one long message or of up to 20,000 items. */
async function bigBodies(lab: Lab): Promise<Account> {
  const notes: string[] = []
  for (const itemBytes of ITEM_BYTES) {
    const installed = await lab.install()
    const gateway = await installed.startRole("gateway")
    const tenant = await addTenant(gateway.url, { url: "http://127.0.0.1:9/", events: ["message.received"] })
    const before = peakMegabytes(gateway.child.pid)
    const bodies = Array.from({ length: BODIES }, (_, body) => longBody(tenant.pageId, body, itemBytes))
    const startedAtMs = performance.now()
    let refused = 0
    await Promise.all(
      bodies.map(async (body) => {
        for (;;) {
          const { status } = await postWebhook(gateway.url, body)
          if (status === 200) return
          demand(status === 503, `a webhook is accepted, or refused for now: ${status}`)
          refused += 1
          await delay(REPEAT_MS)
        }
      }),
    )
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
    const peak = peakMegabytes(gateway.child.pid)
    await gateway.kill()
    const items = Math.round(BODY_BYTES / itemBytes)
    notes.push(`${items} item(s) each: ${before} MB before, at most ${peak} MB, ${seconds} s, ${refused} refused`)
    demand(peak <= MOST_MEGABYTES, `the gateway takes at most ${MOST_MEGABYTES} MB: ${peak} MB`)
  }
  return {
    ...NOTHING,
    sent: ITEM_BYTES.length * BODIES,
    acknowledged: ITEM_BYTES.length * BODIES,
    note: notes.join("; "),
  }
}

function longBody(pageId: string, number: number, itemBytes: number): string {
  const messaging = Array.from({ length: Math.round(BODY_BYTES / itemBytes) }, (_, item) => {
    const [entry] = messengerText(pageId, `m_${number}_${item}`, "").entry
    const bare = JSON.stringify(entry?.messaging).length
    const [padded] = messengerText(pageId, `m_${number}_${item}`, "x".repeat(Math.max(0, itemBytes - bare))).entry
    return padded?.messaging[0]
  })
  return JSON.stringify({ object: "page", entry: [{ id: pageId, time: Date.now(), messaging }] })
}

/** The most memory that the process ever held, by Linux. */
function peakMegabytes(pid = 0): number {
  const [, kilobytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Math.round(Number(kilobytes) / 1000)
}

export const floods: Fault[] = [{ name: "big-bodies", title: "50 webhooks of 4 MB at once", run: bigBodies }]
