import { isIP } from "node:net"

/**
 * The client's address as one text. Some proxies add the port of the connection to X-Forwarded-For, and a dual-stack
 * listener shows IPv4 clients as IPv4-mapped addresses.
 *
 * @param text such as `203.0.113.1`, `203.0.113.1:4711`, `[2001:db8::1]:4711` or `::ffff:203.0.113.1`
 */
export function clientAddress(text: string): string {
  const address = isIP(text) === 0 ? text.replace(/^\[?(.*?)\]?:\d{1,5}$/, "$1") : text
  return address.replace(/^::ffff:(?=\d+\.)/i, "")
}
