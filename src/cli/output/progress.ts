import type { Io } from "../io.ts"

const WIDTH = 30

/** A progress bar, drawn on terminals only. If the total is unknown it shows the count. */
export function createProgress({ err, isTerminal }: Io) {
  const draw = (text: string) => isTerminal && err(`\r${text}\u001b[K`)
  return {
    show: (done: number, total: number | null) => draw(progressText(done, total)),
    end: () => draw(""),
  }
}

function progressText(done: number, total: number | null): string {
  if (total === null) return `${done} created`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * WIDTH)
  return `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ${done}/${total} ${Math.floor(share * 100)} %`
}
