import { isObject, type JsonObject, toId } from "./read.ts"

/** The Dashboard's samples name no page. */
const SAMPLE = "0"

/**
 * The page that an item of a body is of: the phone number's id if one is given on the way to it, or else the entry's
 * id.
 *
 * @param path where the item is, such as `entry[0].changes[1].value.messages[2]`
 * @returns null if Meta does not say it
 */
export function pageOfFault(body: unknown, path: string): string | null {
  let at = body
  let page: string | null = null
  let name = ""
  for (const step of path.match(/\w+/g) ?? []) {
    const isIndex = /^\d+$/.test(step)
    if (!isIndex) name = step
    at = below(at, step)
    if (!isObject(at)) continue
    page = phoneNumber(at) ?? (name === "entry" ? idOf(at) : null) ?? page
  }
  return page
}

function below(value: unknown, step: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? (value as JsonObject)[step]
    : undefined
}

function idOf({ id }: JsonObject): string | null {
  const text = toId(id)
  return text === undefined || text === SAMPLE ? null : text
}

function phoneNumber({ metadata }: JsonObject): string | null {
  return isObject(metadata) ? (toId(metadata.phone_number_id) ?? null) : null
}
