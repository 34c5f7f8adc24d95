import fc from "fast-check"
import ipaddr from "ipaddr.js"
import { describe, expect, test } from "vitest"
import { createAddressPolicy } from "../../src/sender/address-policy.ts"

const strict = createAddressPolicy()
const local = createAddressPolicy({ allowLoopback: true })

/** IANA's special-purpose and multicast registries, as ranges. */
const SPECIAL_V4 = [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
  "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24",
  "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32 168.63.129.16/32",
].flatMap((line) => line.split(" "))
const SPECIAL_V6 = [
  "::/128 ::1/128 ::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32",
  "2001:1::1/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32",
  "2002::/16 2620:4f:8000::/48 3fff::/20 4000::/3 5f00::/16 8000::/1 fc00::/7 fe80::/10 fec0::/10 ff00::/8",
].flatMap((line) => line.split(" "))

/** Any address of a range: its prefix, then any bits. */
const within = (cidr: string) =>
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((noise) => {
    const [base, length] = ipaddr.parseCIDR(cidr)
    const bytes = base.toByteArray().map((byte, index) => {
      const kept = Math.min(8, Math.max(0, length - index * 8))
      const free = 0xff >> kept
      return (byte & ~free & 0xff) | ((noise[index] ?? 0) & free)
    })
    return ipaddr.fromByteArray(bytes)
  })
const v4Special = fc.constantFrom(...SPECIAL_V4).chain(within) as fc.Arbitrary<ipaddr.IPv4>
const v6Special = fc.constantFrom(...SPECIAL_V6).chain(within) as fc.Arbitrary<ipaddr.IPv6>
const anyV4 = within("0.0.0.0/0") as fc.Arbitrary<ipaddr.IPv4>
const anyV6 = fc.oneof(within("::/0"), within("2000::/3")) as fc.Arbitrary<ipaddr.IPv6>

describe("addresses", () => {
  test("of every special-purpose range are refused, in every form of IPv6 text", () => {
    fc.assert(fc.property(v4Special, (ip) => void expect(strict.checkAddress(ip.toString())).not.toBeNull()))
    fc.assert(
      fc.property(v6Special, (ip) => {
        expect(strict.checkAddress(ip.toString())).not.toBeNull()
        const long = ip.parts.map((part) => part.toString(16).padStart(4, "0")).join(":")
        expect(strict.checkAddress(long.toUpperCase())).not.toBeNull()
      }),
    )
  })

  test("that another library reports as special are refused, and those it reports as ordinary are not", () => {
    fc.assert(
      fc.property(fc.oneof(anyV4, anyV6), (ip) => {
        const ordinary = ip.range() === "unicast" && (ip.kind() === "ipv4" || ip.match(ipaddr.parseCIDR("2000::/3")))
        expect(strict.checkAddress(ip.toString()) === null).toBe(ordinary)
      }),
      { numRuns: 500 },
    )
  })

  test("mapped into IPv6 are judged as the IPv4 address they contain", () => {
    fc.assert(
      fc.property(fc.oneof(anyV4, v4Special), (ip) => {
        const [a, b, c, d] = ip.octets as [number, number, number, number]
        const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(":")
        const verdict = strict.checkAddress(ip.toString())
        expect(strict.checkAddress(`::ffff:${ip}`)).toBe(verdict)
        expect(strict.checkAddress(`::FFFF:${groups}`)).toBe(verdict)
        expect(strict.checkAddress(`0:0:0:0:0:ffff:${groups}`)).toBe(verdict)
        expect(strict.checkAddress(`64:ff9b::${groups}`)).not.toBeNull()
        expect(strict.checkAddress(`2002:${groups}::1`)).not.toBeNull()
      }),
    )
  })

  test.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2001:4860:4860::8888"])(
    "such as %s are allowed",
    (ip) => expect(strict.checkAddress(ip)).toBeNull(),
  )

  test.each(["", "localhost", "fe80::1%eth0", "127.1", "0x7f000001", "1.2.3.4/32", "[::1]"])(
    "that are not valid are refused: %j",
    (ip) => expect(local.checkAddress(ip)).not.toBeNull(),
  )

  test("in allowed networks are allowed, their neighbours are not", () => {
    const policy = createAddressPolicy({ allowedCidrs: ["10.20.0.0/16", "fd12:3456::/32", "64:ff9b::/96"] })
    expect(policy.checkAddress("10.20.255.1")).toBeNull()
    expect(policy.checkAddress("::ffff:10.20.0.1")).toBeNull()
    expect(policy.checkAddress("10.21.0.1")).not.toBeNull()
    expect(policy.checkAddress("fd12:3456::1")).toBeNull()
    expect(policy.checkAddress("fd12:3457::1")).not.toBeNull()
    expect(policy.checkAddress("127.0.0.1")).not.toBeNull()
  })

  test("behind an allowed NAT64 are judged by the IPv4 address they lead to", () => {
    const policy = createAddressPolicy({ allowedCidrs: ["64:ff9b::/96"] })
    expect(policy.checkAddress("64:ff9b::8.8.8.8")).toBeNull()
    for (const inner of ["169.254.169.254", "127.0.0.1", "10.0.0.1", "0.0.0.1", "0.0.0.0"]) {
      expect(policy.checkAddress(`64:ff9b::${inner}`)).not.toBeNull()
    }
  })

  test("of loopback, and no other special ones, are allowed for local development", () => {
    for (const ip of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) expect(local.checkAddress(ip)).toBeNull()
    for (const ip of ["10.0.0.1", "0.0.0.0", "::", "169.254.169.254"]) expect(local.checkAddress(ip)).not.toBeNull()
  })

  test.each(["10.0.0.0", "10.0.0.0/33", "::/129", "10.0/8", "10.0.0.0/-1", "x/8", "/8", "10.0.0.0/8/8"])(
    "cannot be allowed by %j, which is not a network",
    (cidr) => expect(() => createAddressPolicy({ allowedCidrs: ["10.0.0.0/8", cidr] })).toThrow(/CIDR number 2/),
  )
})

describe("URLs", () => {
  /** The ways in which a URL parser accepts an IPv4 address. */
  const spellings = (ip: ipaddr.IPv4): string[] => {
    const [a, b, c, d] = ip.octets as [number, number, number, number]
    const value = ((a * 256 + b) * 256 + c) * 256 + d
    const hex = (n: number) => `0x${n.toString(16)}`
    const octal = (n: number) => `0${n.toString(8)}`
    const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
    return [
      String(value),
      hex(value),
      octal(value),
      [a, b, c, d].map(hex).join("."),
      [a, b, c, d].map(octal).join("."),
      `${a}.${b}.${c * 256 + d}`,
      `${a}.${(b * 256 + c) * 256 + d}`,
      `${hex(a)}.${octal(b)}.${c * 256 + d}`,
      `${ip}.`,
      wide(`${ip}`),
      `${ip}`.replaceAll(".", "\u3002"),
      encodeURIComponent(`${ip}`).replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`),
      `${ip}`.replace(".", "%2e"),
      `${ip}`.replace(".", ".\t"),
    ].filter((text) => text !== `${ip}`)
  }

  test("with an IPv4 address in any form but the normal one are refused, public or not", () => {
    fc.assert(
      fc.property(fc.oneof(anyV4, v4Special), (ip) => {
        for (const text of spellings(ip)) {
          for (const policy of [strict, local]) expect([text, policy.checkUrl(`https://${text}/`)]).not.toContain(null)
        }
      }),
    )
  })

  /** Forms of an IPv6 address other than the shortest, and forms that contain an IPv4 address. */
  const longSpellings = (ip: ipaddr.IPv6): string[] => {
    const groups = ip.parts.map((part) => part.toString(16))
    const [g = 0, h = 0] = ip.parts.slice(-2)
    const dotted = [g >> 8, g & 255, h >> 8, h & 255].join(".")
    return [
      groups.map((group) => group.padStart(4, "0")).join(":"),
      `${groups.slice(0, 6).join(":")}:${dotted}`,
      `${ip}%25eth0`,
      `${ip}%eth0`,
    ]
  }

  test("with a special IPv6 address are refused in any form, and with a zone any address is refused", () => {
    fc.assert(
      fc.property(v6Special, (ip) => {
        for (const text of longSpellings(ip)) {
          expect([text, strict.checkUrl(`https://[${text}]/`)]).not.toContain(null)
        }
      }),
    )
    fc.assert(
      fc.property(v4Special, (ip) => {
        const [a, b, c, d] = ip.octets as [number, number, number, number]
        const groups = [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(":")
        const around = [`::ffff:${ip}`, `::FFFF:${groups}`, `::${ip}`, `64:ff9b::${ip}`, `2002:${groups}::`]
        for (const text of around) expect([text, strict.checkUrl(`https://[${text}]/`)]).not.toContain(null)
      }),
    )
    expect(strict.checkUrl("https://[2606:4700:4700::1111%25eth0]/")).not.toBeNull()
  })

  test("with a special address in its normal form are refused, those with an ordinary one are not", () => {
    fc.assert(fc.property(v4Special, (ip) => void expect(strict.checkUrl(`https://${ip}/`)).not.toBeNull()))
    fc.assert(fc.property(v6Special, (ip) => void expect(strict.checkUrl(`https://[${ip}]/`)).not.toBeNull()))
    expect(strict.checkUrl("https://8.8.8.8/hook?a=1")).toBeNull()
    expect(strict.checkUrl("https://[2606:4700:4700::1111]:8443/")).toBeNull()
  })

  test.each([
    ["https://example.com", null],
    ["HTTPS://Example.COM/Hook?a=%20#".slice(0, -1), null],
    ["https://bücher.example/", null],
    ["https://example.com:8443/", null],
    ["https://example.com:443/", null],
    ["http://example.com/", "the URL must use https"],
    ["ftp://example.com/", "the URL must use https"],
    ["javascript:alert(1)", "the URL must use https"],
    ["https://example.com:22/", "the port is not allowed"],
    ["https://example.com:0/", "the port is not allowed"],
    ["https://user@example.com/", "the URL must not contain a user name or a password"],
    ["https://:pass@example.com/", "the URL must not contain a user name or a password"],
    ["https://@example.com/", "the URL must not contain a user name or a password"],
    ["https://example.com/#a", "the URL must not have a fragment"],
    ["https://example.com/#", "the URL must not have a fragment"],
    ["https://example.com./", "the host must not end with a dot"],
    ["https://localhost/", "the host is not public"],
    ["https://api.localhost/", "the host is not public"],
    [" https://example.com/", "the URL contains a space, a control character or a backslash"],
    ["https://exam\nple.com/", "the URL contains a space, a control character or a backslash"],
    ["https:\\\\example.com\\", "the URL contains a space, a control character or a backslash"],
    ["https:example.com", "the URL is not valid"],
    ["https:///example.com", "the URL is not valid"],
    ["https://", "the URL is not valid"],
    ["example.com", "the URL is not valid"],
    ["", "the URL is not valid"],
  ])("%j: %s", (url, expected) => {
    expect(strict.checkUrl(url)).toBe(expected)
  })

  test("with a configured port are allowed", () => {
    const policy = createAddressPolicy({ allowedPorts: [9443] })
    expect(policy.checkUrl("https://example.com:9443/")).toBeNull()
    expect(policy.checkUrl("https://example.com/")).toBeNull()
    expect(policy.checkUrl("http://example.com:9443/")).not.toBeNull()
  })

  test.each([
    ["http://127.0.0.1:9000/hook", null],
    ["http://localhost:9000/", null],
    ["http://[::1]:9000/", null],
    ["https://localhost:9000/", null],
    ["http://example.com/", "the URL must use https"],
    ["http://10.0.0.1:9000/", "the URL must use https"],
    ["https://10.0.0.1/", "the address is special-purpose (private)"],
    ["http://localhost.example.com/", "the URL must use https"],
    ["https://example.com:9000/", "the port is not allowed"],
  ])("for local development, %j: %s", (url, expected) => {
    expect(local.checkUrl(url)).toBe(expected)
  })

  test("of any text get an answer", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl()), (text) => {
        const problem = strict.checkUrl(text)
        expect(problem === null || problem.length > 0).toBe(true)
      }),
    )
  })
})
