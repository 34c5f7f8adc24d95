import { randomBytes } from "node:crypto"
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

/** @throws when it cannot be written to, or another process has it */
export function lockDataDir(dataDir: string): { release(): void } {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK)
  } catch (error) {
    throw new Error(`DATA_DIR must be a folder that this user can write to: ${(error as Error).message}`, {
      cause: error,
    })
  }
  // SQLite's lock is the operating system's: it dies with the process, so there is no stale lock to clear.
  const database = new DatabaseSync(join(dataDir, "lock"))
  try {
    database.exec("pragma locking_mode = exclusive; pragma busy_timeout = 0; begin exclusive")
  } catch (error) {
    database.close()
    throw new Error(
      `another Onehook process uses the data folder ${dataDir}. The embedded store belongs to one process: ` +
        "stop the other one, or give this one its own DATA_DIR (or a DATABASE_URL, to run several)",
      { cause: error },
    )
  }
  return { release: () => database.close() }
}

/**
 * The secrets that an embedded instance makes for itself at its first start, one file each, for the owner only.
 *
 * @throws when the file holds no secret: whoever knows that it is empty could sign with it
 */
export function createdSecret(dataDir: string, name: string, create: () => string): string {
  const file = join(dataDir, name)
  if (!existsSync(file)) writeWhole(file, `${create()}\n`)
  const value = readFileSync(file, "utf8").trim()
  if (!/^[\x21-\x7e]{8,}$/.test(value)) throw damaged(file)
  return value
}

export const damaged = (file: string) =>
  new Error(
    `the file ${file} is damaged: restore its backup or, where this is a first start, remove it, and it is made anew`,
  )

/** A disk that is full, or a crash, leaves no file rather than a part of one. */
function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.new`
  rmSync(unfinished, { force: true })
  writeFileSync(unfinished, text, { mode: 0o600, flag: "wx", flush: true })
  renameSync(unfinished, file)
}

export const newAdminKey = () => `ohk_admin_${randomBytes(32).toString("base64url")}`
export const newEncryptionKey = () => `k1:${randomBytes(32).toString("base64")}`
export const newToken = () => randomBytes(16).toString("hex")
