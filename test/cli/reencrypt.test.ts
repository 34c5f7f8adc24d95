import { randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { onehookHere, startGateway } from "./support.ts"

it("after `onehook keys reencrypt` the gateway starts without the former key", async () => {
  const folder = await mkdtemp(join(tmpdir(), "onehook-keys-"))
  const file = join(folder, "data", "encryption-keys")
  try {
    const first = await startGateway(folder)
    const call = (...args: string[]) => onehookHere(args, first.env)
    const customer = (await call("customers", "create", "--name", "A", "--json")).json().id
    const url = ["--url", "http://127.0.0.1:1/", "--header", "x-token: abc"]
    const endpoint = (await call("endpoints", "create", "--customer", customer, ...url, "--json")).json().id
    await first.stop()

    const former = (await readFile(file, "utf8")).trim()
    const added = `k2:${randomBytes(32).toString("base64")}`
    await writeFile(file, `${added},${former}`)
    const PORT = new URL(first.env.ONEHOOK_URL).port
    const second = await startGateway(folder, { PORT })
    const ran = await call("keys", "reencrypt")
    expect(ran).toMatchObject({ code: 0, err: "" })
    expect(ran.out).toMatch(
      /^k2: encrypts \d+ values\n\w+: needed by nothing, and can be removed from ENCRYPTION_KEYS\n$/,
    )
    const { data } = (await call("audit", "list", "--all", "--json")).json()
    expect(data.map(({ operation }: { operation: string }) => operation)).toEqual([
      "reencrypt",
      "createEndpoint",
      "createCustomer",
    ])
    const listed = await call("audit", "list", "--customer", customer, "--operation", "createEndpoint")
    expect(listed.out).toMatch(new RegExp(`createEndpoint +${endpoint} .* operator +operator .* 127.0.0.1 +done`))
    await second.stop()

    await writeFile(file, added)
    const third = await startGateway(folder, { PORT })
    const shown = await call("endpoints", "get", endpoint, "--customer", customer, "--json")
    expect(shown.json().headers).toEqual({ "x-token": "***" })
    expect((await call("keys", "reencrypt")).out).toMatch(/^k2: encrypts \d+ values\n$/)
    await third.stop()
  } finally {
    await rm(folder, { recursive: true })
  }
}, 120_000)
