import { expect, test } from "vitest"
import { createAddressPolicy } from "../../src/sender/address-policy.ts"
import { createUrlCheck } from "../../src/sender/check-url.ts"

function check(url: string, addresses: string[] | Error | "silence", policy = createAddressPolicy()) {
  const resolve = () => {
    if (addresses === "silence") return new Promise<string[]>(() => {})
    return addresses instanceof Error ? Promise.reject(addresses) : Promise.resolve(addresses)
  }
  return createUrlCheck({ policy, resolve, dnsTimeoutMs: 20 })(url)
}

const failure = (code: string) => Object.assign(new Error("queryA"), { code })

test.each([
  ["all its addresses are public", ["8.8.8.8", "2606:4700:4700::1111"], null],
  ["one of its addresses is internal", ["8.8.8.8", "10.0.0.1"], "the host has no public address"],
  ["its IPv6 address contains an internal IPv4 one", ["::ffff:169.254.169.254"], "the host has no public address"],
  ["it has no address", [], "the host has no public address"],
  ["there is no such name", failure("ENOTFOUND"), "the host has no public address"],
  ["it has no addresses", failure("ENODATA"), "the host has no public address"],
  ["the name servers fail", failure("ESERVFAIL"), null],
  ["the name servers do not answer", "silence" as const, null],
])("a name is looked up when it is given: %s", async (_name, addresses, expected) => {
  expect(await check("https://hooks.example/", addresses)).toBe(expected)
})

test("the answer reveals neither the internal address nor that the name exists", async () => {
  for (const inside of ["10.0.0.1", "127.0.0.1", "169.254.169.254", "fd00::1"]) {
    expect(await check("https://hooks.example/", [inside])).toBe("the host has no public address")
  }
})

test("a fault in the text is reported without a DNS query, and a literal address needs none", async () => {
  const unasked = new Error("asked")
  expect(await check("http://hooks.example/", unasked)).toBe("the URL must use https")
  expect(await check("https://10.0.0.1/", unasked)).toBe("the address is special-purpose (private)")
  expect(await check("https://[::1]/", unasked)).toBe("the address is special-purpose (loopback)")
  expect(await check("https://8.8.8.8/", unasked)).toBeNull()
})

test("networks that the operator allows are allowed", async () => {
  const policy = createAddressPolicy({ allowedCidrs: ["10.20.0.0/16"] })
  expect(await check("https://inner.example/", ["10.20.0.7"], policy)).toBeNull()
  expect(await check("https://inner.example/", ["10.20.0.7", "10.21.0.7"], policy)).toBe(
    "the host has no public address",
  )
})
