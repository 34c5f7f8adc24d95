import { fork } from "node:child_process"
import { endProcess } from "./processes.ts"

// biome-ignore lint/suspicious/noExplicitAny: commands differ in all their parameters
export type Commands = Record<string, (...args: any[]) => unknown>

interface Request {
  id: number
  name: string
  args: unknown[]
}

type Answer = { id: number; value: unknown } | { id: number; error: string }

/** A helper process of the benchmark, and its commands as functions. */
export type Tool<C extends Commands> = {
  pid: number
  stop(): Promise<void>
  call<K extends keyof C & string>(name: K, ...args: Parameters<C[K]>): Promise<Awaited<ReturnType<C[K]>>>
}

/** Runs inside the helper process: serves `call` of the parent process, and ends with it. */
export function serveCommands(commands: Commands): void {
  process.on("message", async ({ id, name, args }: Request) => {
    let answer: Answer
    try {
      answer = { id, value: await commands[name]?.(...args) }
    } catch (error) {
      answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    process.send?.(answer)
  })
  process.on("disconnect", () => process.exit())
  // Signals are ignored, because the parent stops this process, even if the terminal interrupts both.
  process.on("SIGINT", () => {})
}

/** Starts a helper process from its module. Pending calls are rejected when it ends. */
export function startTool<C extends Commands>(module: URL): Tool<C> {
  const child = fork(module, { serialization: "advanced" })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let calls = 0
  child.on("message", (answer: Answer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ("error" in answer) call?.reject(new Error(answer.error))
    else call?.resolve(answer.value as never)
  })
  child.on("exit", (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${module.pathname} ended (${signal ?? code})`))
    waiting.clear()
  })
  return {
    pid: child.pid ?? 0,
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++calls
        waiting.set(id, { resolve, reject })
        child.send({ id, name, args } satisfies Request, (error) => error && reject(error))
      }),
    stop: () => endProcess(child, { graceMs: 3000 }),
  }
}
