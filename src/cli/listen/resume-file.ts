import { readFile, rename, writeFile } from "node:fs/promises"

/** Where a command stopped, kept in a file of the user's. */
export interface PlaceFile {
  read(): Promise<string | undefined>
  write(place: string): Promise<void>
}

/** A file that is not there yet is no place. It is replaced whole, so that a crash leaves the old one or the new one. */
export function placeFile(name: string): PlaceFile {
  return {
    async read() {
      const text = await readFile(name, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return ""
        throw new Error(`cannot read ${name}: ${error.code}`, { cause: error })
      })
      return text.trim() || undefined
    },
    async write(place) {
      try {
        await writeFile(`${name}.new`, `${place}\n`)
        await rename(`${name}.new`, name)
      } catch (error) {
        throw new Error(`cannot write ${name}: ${(error as NodeJS.ErrnoException).code}`, { cause: error })
      }
    },
  }
}
