import { randomBytes } from "node:crypto"
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

/**
 * Creates the data directory and locks it for this process.
 *
 * @throws Error if it is not writable or another process has locked it
 */
export function lockDataDir(dataDir: string): { release(): void } {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK)
  } catch (error) {
    throw new Error(`DATA_DIR must be a folder that this user can write to: ${(error as Error).message}`, {
      cause: error,
    })
  }
  // SQLite uses a lock of the operating system, which ends with the process: there is no stale lock to clear.
  const database = new DatabaseSync(join(dataDir, "lock"))
  try {
    database.exec("pragma locking_mode = exclusive; pragma busy_timeout = 0; begin exclusive")
  } catch (error) {
    database.close()
    throw new Error(
      `another Onehook process uses the data directory ${dataDir}. The embedded store belongs to one process: ` +
        "stop the other process, give this one its own DATA_DIR, or set DATABASE_URL to run several",
      { cause: error },
    )
  }
  return { release: () => database.close() }
}

/**
 * A secret that an embedded instance generates at its first start and keeps in a file of mode 0600.
 *
 * @throws Error if the file holds no secret: an empty secret would let anyone sign
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
    `the file ${file} is damaged: restore it from a backup or, if the store is empty, remove it to generate a new one`,
  )

/** Writes to a temporary file first, so that a full disk or a crash leaves no partial secret. */
function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.new`
  rmSync(unfinished, { force: true })
  writeFileSync(unfinished, text, { mode: 0o600, flag: "wx", flush: true })
  renameSync(unfinished, file)
}

export const newAdminKey = () => `ohk_admin_${randomBytes(32).toString("base64url")}`
export const newEncryptionKey = () => `k1:${randomBytes(32).toString("base64")}`
export const newToken = () => randomBytes(16).toString("hex")
