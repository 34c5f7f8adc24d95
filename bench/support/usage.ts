import { existsSync, readdirSync, readFileSync } from "node:fs"

/** Clock ticks per second, in which Linux counts CPU time. */
const TICKS = 100

interface Stat {
  parent: number
  cpuMs: number
}

/** Null if the process has ended or the system has no /proc. */
function readStat(pid: string): Stat | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
    // User and system time of the process and of its ended children.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { parent: Number(fields[1]), cpuMs: (ticks * 1000) / TICKS }
  } catch {
    return null
  }
}

/** CPU time of a process and its children so far, in milliseconds. */
export function cpuMs(pid: number): number {
  if (!existsSync("/proc")) return 0
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && readStat(name)?.parent === pid)
  return [String(pid), ...children].reduce((sum, one) => sum + (readStat(one)?.cpuMs ?? 0), 0)
}

/** Resident memory of a process in MB; 0 if the system does not report it. */
export function residentMb(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024)
  } catch {
    return 0
  }
}
