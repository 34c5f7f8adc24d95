import type { Command } from "commander"
import { path } from "../client/api.ts"
import { inSession, type Session, withApi } from "../client/session.ts"
import type { Io } from "../io.ts"
import { createProgress } from "../output/progress.ts"

interface EncryptionKey {
  id: string
  configured: boolean
  values: number
}

/** What other processes write meanwhile is found by another pass. */
const MAX_PASSES = 3

export function registerReencrypt(group: Command, io: Io): void {
  withApi(
    group
      .command("reencrypt")
      .description("encrypt stored secrets with the first of ENCRYPTION_KEYS, so that the others can go (operator)"),
  ).action(inSession(io, (session) => reencrypt(io, session)))
}

async function reencrypt(io: Io, { api, print }: Session): Promise<void> {
  const progress = createProgress(io)
  let state = await stateOf(api)
  let unreadable: unknown[] = []
  try {
    for (let pass = 0; pass < MAX_PASSES && state.outdated > 0; pass++) {
      const total = state.outdated
      let changed = 0
      for (let done = false; !done; ) {
        progress.show(changed, total)
        const step = await api.post(path("encryption", "reencrypt"), { key: state.current })
        changed += Number(step.changed)
        unreadable = step.unreadable as unknown[]
        done = step.done === true
      }
      state = await stateOf(api)
      if (changed === 0) break
    }
  } finally {
    progress.end()
  }
  print.one({ current_key: state.current, keys: state.keys, unreadable }, summary(state))
  if (state.outdated > 0) {
    throw new Error(
      `${state.outdated} values still need another key: they cannot be decrypted, or another process writes with that key`,
    )
  }
}

async function stateOf(api: Session["api"]) {
  const answer = await api.get(path("encryption"))
  const current = String(answer.current_key)
  const keys = answer.keys as EncryptionKey[]
  const outdated = keys.filter(({ id }) => id !== current).reduce((sum, { values }) => sum + values, 0)
  return { current, keys, outdated }
}

function summary({ current, keys }: { current: string; keys: EncryptionKey[] }): string {
  return keys
    .map(({ id, configured, values }) => {
      if (id === current) return `${id}: encrypts ${values} values\n`
      if (values > 0) return `${id}: needed by ${values} values${configured ? "" : ", and not configured"}\n`
      return `${id}: needed by nothing, and can be removed from ENCRYPTION_KEYS\n`
    })
    .join("")
}
