import { describe, expect, it } from "vitest"
import type { Draft } from "../../src/core/event/draft.ts"
import { type Fact, fixtures, normalizeFixture } from "./support/fixtures.ts"

/**
 * What a reader of Meta's documentation says of each body, against what we make of it. Where we differ, here is why.
 */
const EVENTS: readonly [RegExp, string][] = [
  [/^message_edit\.zero$/, "event.unmapped"], // nothing was edited
  [/^(message|echo)\.edit\.empty$/, "event.unmapped"], // what it became is not told
  [/^(message_edit$|message\.edit$|echo\.edit$)/, "message.edited"],
  [/^(message\.deleted|message\.revoke|echo\.revoke)$/, "message.deleted"],
  [/^history\.(?!error)/, "message.history"], // months old: not to be taken for new ones
  [/^(message|standby\.message)\./, "message.received"],
  [/^(echo|standby\.echo)\./, "message.echo"],
  [/^(standby\.)?(status\.|delivery$|read$)/, "status.update"],
  [/^(standby\.)?postback$/, "postback.received"],
  [/^reaction\./, "message.reaction"],
  [/^(optin|optout|user_preferences)/, "optin.update"],
  [/^referral$/, "referral.received"],
  [/^handover\./, "conversation.control_changed"],
  [/^(response_feedback|messaging_feedback)$/, "feedback.received"],
  [/^(system\.user_changed|user_id_update)/, "identity.updated"],
  [/^(feed\.comment|ratings\.comment|comment|live_comment|mention)\./, "comment.received"],
  [/^leadgen$/, "lead.received"],
  [/^call\./, "call.updated"],
  [/^group\./, "group.updated"],
  [/^(message_template_|template_)/, "template.updated"],
  [
    /^(account_(?!linking)|phone_number_|business_|security|flows\.|partner_solutions|payment_configuration)/,
    "account.updated",
  ],
  [/^(app_roles|policy_enforcement)/, "account.updated"],
]

const MORE_EVENTS_THAN_FACTS: Readonly<Record<string, string>> = {
  "facebook/dashboard-test-old-page-id-only": "a test body is told as webhook.test",
  "facebook/dashboard-test-profile-field-no-value": "a test body is told as webhook.test",
  "facebook/doc-flat-field-value-postback": "a sample of the Dashboard is told as webhook.test",
  "whatsapp/dashboard-sample-flat-no-envelope": "a sample of the Dashboard is told as webhook.test",
  "whatsapp/account-update-app-installed-misplaced-object": "the route says the platform where the body does not",
}

describe.each(fixtures)("$name", (fixture) => {
  const { drafts } = normalizeFixture(fixture)

  it("gives one event for each item, in order", () => {
    if (fixture.name in MORE_EVENTS_THAN_FACTS) expect(drafts).toHaveLength(1)
    else expect(drafts).toHaveLength(fixture.facts.length)
  })

  it.each(fixture.facts.map((fact, index) => ({ fact, index })))(
    "tells $fact.kind of item $index",
    ({ fact, index }) => {
      const draft = drafts[index]
      if (draft === undefined) throw new Error("no event")
      const named = eventOf(fact)
      expect(["webhook.test", named]).toContain(draft.event)
      expect(contactOf(draft)).toBe(contactOfFact(fact, draft.pageId))
      // An event of a whole WhatsApp account is filed under the account.
      expect(draft.pageId).toBe(fact.business_id ?? fact.waba_id ?? fact.account_id)
      expect(draft.timestampMs).toBe(fact.timestamp_ms)
      const byId = fact.unique_id !== null && !KNOWN_OTHERWISE.has(named)
      if (byId) expect(draft.native).toContain(idOf(fact.unique_id ?? ""))
      const text = textOf(draft)
      // The facts leave out the new text of a WhatsApp edit.
      if (text !== undefined && fact.kind !== "message.edit") expect(text).toBe(fact.text ?? "")
      const { direction } = draft.details
      const acted = fact.direction === "inbound" || fact.direction === "outbound"
      // A receipt is about a message of the business; the facts count Messenger's as inbound.
      const told = fact.customer_id === draft.pageId ? "outbound" : fact.direction
      if (acted && direction !== undefined && draft.event !== "status.update") expect(direction).toBe(told)
    },
  )
})

/** On standby a tap has no mid. */
const KNOWN_OTHERWISE = new Set(["event.unmapped", "postback.received"])

function eventOf({ kind }: Fact): string {
  return EVENTS.find(([pattern]) => pattern.test(kind))?.[1] ?? "event.unmapped"
}

/** In a group the person is the author or the participant. A changed person is known by the old id. */
function contactOf({ from, message, event, details }: Draft): string {
  if (event === "identity.updated") return details.previous_identity?.wa_id ?? details.identity?.wa_id ?? ""
  if (message?.author !== undefined) return message.author.id
  return details.status?.participant ?? from
}

/** What an account does to itself is of nobody. */
function contactOfFact({ customer_id, group_id, user_ref, kind }: Fact, pageId: string): string {
  if (kind.startsWith("group.")) return String(group_id)
  if (customer_id === pageId) return ""
  return customer_id ?? String(user_ref ?? "")
}

function idOf(uniqueId: string): string {
  return uniqueId.split(":")[0] ?? ""
}

function textOf({ message, details }: Draft): string | undefined {
  return message?.body ?? details.action?.title ?? details.comment?.text
}
