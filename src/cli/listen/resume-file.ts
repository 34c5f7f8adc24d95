import { readFile, rename, writeFile } from "node:fs/promises"

/** The position of `listen`, kept in a file. */
export interface ResumeFile {
  read(): Promise<string | undefined>
  write(position: string): Promise<void>
}

/** A missing file means no position. Writes replace the file atomically: a crash leaves the old or new position. */
export function resumeFile(name: string): ResumeFile {
  return {
    async read() {
      const text = await readFile(name, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return ""
        throw new Error(`cannot read ${name}: ${error.code}`, { cause: error })
      })
      return text.trim() || undefined
    },
    async write(position) {
      try {
        await writeFile(`${name}.new`, `${position}\n`)
        await rename(`${name}.new`, name)
      } catch (error) {
        throw new Error(`cannot write ${name}: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
      }
    },
  }
}
