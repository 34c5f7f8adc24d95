/** The cursors of one list: their name, and the shape of the key in them. */
export interface CursorKind {
  name: string
  key: RegExp
}

/** Most lists are ordered by id. */
export function byId(prefix: string): CursorKind {
  return { name: prefix, key: /^[a-z]{2,5}_\w{1,64}$/ }
}

/**
 * Where the next page starts, opaque to clients. It contains the list's name, so that other lists refuse it.
 *
 * @param key the key of the last row shown
 */
export function encodeCursor(kind: CursorKind, key: string): string {
  return Buffer.from(`${kind.name}:${key}`).toString("base64url")
}

/** @returns null if the text is not a cursor of this list */
export function decodeCursor(kind: CursorKind, cursor: string): string | null {
  const text = Buffer.from(cursor, "base64url").toString("utf8")
  const key = text.slice(kind.name.length + 1)
  return kind.key.test(key) && encodeCursor(kind, key) === cursor ? key : null
}
