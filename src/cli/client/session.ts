import type { Command } from "commander"
import type { Io } from "../io.ts"
import { createPrinter, type Printer } from "../output/printer.ts"
import { type Api, createApi } from "./api.ts"
import { findApiKey, findGateway } from "./settings.ts"

export interface Session {
  api: Api
  print: Printer
  /** The command's own options, as commander gives them. */
  options: ReturnType<Command["opts"]>
}

/** Adds the options of commands that call the API. A command with its own `--url` has no alias of `--gateway`. */
export function withApi(command: Command): Command {
  return withGateway(command)
    .option("--key <key>", "API key (ONEHOOK_API_KEY; default for a local gateway: the operator's key in DATA_DIR)")
    .option("--customer <id>", "with the operator's key: the customer to act for (ONEHOOK_CUSTOMER)")
}

/** Adds the options of a command that needs the gateway but no key. */
export function withGateway(command: Command): Command {
  const hasOwnUrl = command.options.some(({ long }) => long === "--url")
  command
    .optionsGroup("Gateway:")
    .option("--gateway <url>", "gateway URL (ONEHOOK_URL; default: http://127.0.0.1:3000)")
  if (!hasOwnUrl) {
    command.option("--url <url>", "alias of --gateway")
    command.on("option:url", (url) => command.setOptionValue("gateway", url))
  }
  return command.option("--json", "print JSON")
}

/** A commander action that runs with the API and the printer ready. */
export function inSession<A extends unknown[]>(io: Io, work: (session: Session, ...args: A) => Promise<void>) {
  return async (...all: unknown[]) => {
    const command = all.at(-1) as Command
    await work(openSession(io, command), ...(all.slice(0, -2) as A))
  }
}

function openSession(io: Io, command: Command): Session {
  const options = command.opts()
  const gateway = gatewayOf(io, command)
  const key = findApiKey({ given: options.key ?? root(command).key, env: io.env, gateway })
  const customer: string | undefined =
    options.customer ?? root(command).customer ?? (io.env.ONEHOOK_CUSTOMER || undefined)
  return { api: createApi({ gateway, key, customer }), print: printerOf(io, command), options }
}

/** The gateway's base URL: from the command's options, the global options or the environment. */
export function gatewayOf(io: Io, command: Command): string {
  return findGateway(givenGateway(command), io.env)
}

/** The gateway as given on the command line, if any; suggested follow-up commands repeat it. */
export function givenGateway(command: Command): string | undefined {
  return command.opts().gateway ?? root(command).gateway ?? root(command).url
}

export function printerOf(io: Io, command: Command): Printer {
  return createPrinter(io, Boolean(command.opts().json ?? root(command).json))
}

function root(command: Command): ReturnType<Command["opts"]> {
  let at = command
  while (at.parent) at = at.parent
  return at.opts()
}
