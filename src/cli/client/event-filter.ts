import { type Command, Option } from "commander"
import { PLATFORMS } from "../input/parse.ts"
import type { Query } from "./api.ts"

/** Adds the options that filter events. */
export function withEventFilter(command: Command): Command {
  return command
    .addOption(new Option("--platform <platform>", "only this platform").choices(PLATFORMS))
    .option("--page <id>", "only this page")
    .option("--event <name>", "only this event, for example message.received")
    .option("--conversation <id>", "only this conversation")
    .option("--from <id>", "only this contact")
}

export function eventFilter(options: ReturnType<Command["opts"]>): Query {
  const { platform, page, event, conversation, from } = options
  return { platform, page_id: page, event, conversation_id: conversation, from }
}
