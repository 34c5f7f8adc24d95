import type { Io } from "../io.ts"

const WIDTH = 30

/** A bar that is drawn over itself on a terminal, and nothing elsewhere. An unknown total shows the count alone. */
export function createProgress({ err, isTerminal }: Io) {
  const draw = (text: string) => isTerminal && err(`\r${text}\u001b[K`)
  return {
    show: (done: number, total: number | null) => draw(progressText(done, total)),
    end: () => draw(""),
  }
}

function progressText(done: number, total: number | null): string {
  if (total === null) return `${done} made`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * WIDTH)
  return `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ${done}/${total} ${Math.floor(share * 100)} %`
}
