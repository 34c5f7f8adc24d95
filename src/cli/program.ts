import { Command, Option } from "commander"
import packageJson from "../../package.json" with { type: "json" }
import { registerApps } from "./commands/apps.ts"
import { registerAudit } from "./commands/audit.ts"
import { registerConnections } from "./commands/connections.ts"
import { registerContacts } from "./commands/contacts.ts"
import { registerCustomers } from "./commands/customers.ts"
import { registerDeliveries } from "./commands/deliveries.ts"
import { registerEndpoints } from "./commands/endpoints.ts"
import { registerEvents } from "./commands/events.ts"
import { registerKeys } from "./commands/keys.ts"
import { registerListen } from "./commands/listen.ts"
import { registerNormalize } from "./commands/normalize.ts"
import { registerQuickstart } from "./commands/quickstart.ts"
import { registerReplay } from "./commands/replay.ts"
import { registerStart } from "./commands/start.ts"
import { registerTrigger } from "./commands/trigger.ts"
import { registerVerify } from "./commands/verify.ts"
import type { Io } from "./io.ts"

/** All commands. Command-line errors are printed, then thrown as CommanderError. */
export function createProgram(io: Io): Command {
  const program = new Command("onehook")
    .description("Webhook normalizer gateway: Messenger, Instagram and WhatsApp in, one signed event out")
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError("(add --help for usage)")
    .enablePositionalOptions()
  for (const flags of ["--gateway <url>", "--url <url>", "--key <key>", "--customer <id>", "--json"]) {
    program.addOption(new Option(flags, "global option; also accepted after the command").hideHelp())
  }
  program.commandsGroup("Run and test:")
  registerStart(program, io)
  registerQuickstart(program, io)
  registerTrigger(program, io)
  registerListen(program, io)
  registerNormalize(program, io)
  registerVerify(program, io)
  program.commandsGroup("Manage through the API:")
  registerCustomers(program, io)
  registerKeys(program, io)
  registerApps(program, io)
  registerConnections(program, io)
  registerEndpoints(program, io)
  registerEvents(program, io)
  registerDeliveries(program, io)
  registerReplay(program, io)
  registerContacts(program, io)
  registerAudit(program, io)
  return program
}
