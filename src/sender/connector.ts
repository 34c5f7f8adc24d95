import { isIP, type LookupFunction, connect as netConnect, type Socket } from "node:net"
import { connect as tlsConnect } from "node:tls"
import type { buildConnector } from "undici"
import { ConnectError } from "./failure.ts"
import { limitReads } from "./limit-reads.ts"
import type { Link } from "./link.ts"
import { skipContinue } from "./skip-continue.ts"
import { type Vetting, vettedAddresses } from "./vetted-addresses.ts"

interface ConnectorOptions extends Vetting {
  connectTimeoutMs: number
  /** Certificate authorities besides or instead of Node's own. */
  ca?: string | Buffer | undefined
}

/** After this time without an answer, the next address of the same name is tried. */
const NEXT_ADDRESS_AFTER_MS = 500

/**
 * How undici opens a connection to one endpoint: resolves the name once, refuses if any address is special-purpose,
 * connects to the checked addresses under the original name, and checks the socket's actual address before a byte is
 * sent. Fails with a ConnectError or a system error. The link records the phases.
 */
export function createConnector(options: ConnectorOptions): (link: Link) => buildConnector.connector {
  const { policy, connectTimeoutMs } = options
  let session: Buffer | undefined

  function open(target: buildConnector.Options, addresses: string[]): Socket {
    const host = target.hostname
    const secure = target.protocol === "https:"
    const common = {
      host,
      port: Number(target.port) || (secure ? 443 : 80),
      lookup: lookupIn(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
      noDelay: true,
      keepAlive: true,
    }
    if (!secure) return netConnect(common)
    const socket = tlsConnect({
      ...common,
      ...(isIP(host) ? {} : { servername: host }),
      ...(session ? { session } : {}),
      ...(options.ca ? { ca: options.ca } : {}),
      ALPNProtocols: ["http/1.1"],
      rejectUnauthorized: true,
    })
    return socket.on("session", (ticket) => {
      session = ticket
    })
  }

  function establish(socket: Socket, link: Link, secure: boolean): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy(new ConnectError({ kind: "timeout", phase: "connect" }))
      }, connectTimeoutMs)
      socket.prependOnceListener("connect", () => {
        const address = socket.remoteAddress
        const problem = address && policy.checkAddress(address)
        if (problem) socket.destroy(new ConnectError({ kind: "blocked", reason: problem }))
        else if (!address) socket.destroy(new ConnectError({ kind: "network", code: "ECONNRESET" }))
        else link.remoteAddress = address
        link.passed("connect")
      })
      socket.once("error", (error) => {
        clearTimeout(timer)
        reject(error)
      })
      socket.once(secure ? "secureConnect" : "connect", () => {
        clearTimeout(timer)
        if (secure) link.passed("tls")
        if (!socket.destroyed) resolve(socket)
      })
    })
  }

  async function connect(target: buildConnector.Options, link: Link): Promise<Socket> {
    link.open()
    const addresses = await vettedAddresses(target.hostname, options)
    link.passed("dns")
    const socket = await establish(open(target, addresses), link, target.protocol === "https:")
    link.connected(socket)
    limitReads(socket, link)
    skipContinue(socket, link)
    return socket
  }

  return (link) => (target, callback) => {
    connect(target, link).then(
      (socket) => callback(null, socket),
      (error) => callback(error, null),
    )
  }
}

/** Gives Node's connect the addresses already checked, so that no second DNS query can return others. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, { all }, callback) => {
    const [first] = answers
    if (all || !first) callback(null, answers)
    else callback(null, first.address, first.family)
  }
}
