import fc from "fast-check"
import { expect, it } from "vitest"
import { parseJsonText } from "../../src/core/json/json.ts"
import { normalize } from "../../src/platforms/index.ts"
import { fixtures, fullEvents, normalizeFixture } from "./support/fixtures.ts"

/** Digits as an id may have them: up to 25, so that most are beyond 2^53. */
const digits = fc.stringMatching(/^[1-9][0-9]{2,24}$/)
/** Beyond what a JavaScript number holds. */
const longDigits = fc.stringMatching(/^[1-9][0-9]{16,24}$/)

/** The same body with its ids quoted and bare. */
function bothWays(write: (id: (digits: string) => string) => string): [unknown, unknown] {
  return [parseJsonText(write((id) => `"${id}"`)), parseJsonText(write((id) => id))]
}

it("Messenger: ids mean the same as text and as bare numbers of any length", () => {
  fc.assert(
    fc.property(digits, digits, digits, (page, person, app) => {
      fc.pre(page !== person)
      const [quoted, bare] = bothWays(
        (id) => `{"object":"page","entry":[{"id":${id(page)},"time":1767168060540,"messaging":[
          {"sender":{"id":${id(person)}},"recipient":{"id":${id(page)}},"timestamp":1767168060123,
           "message":{"mid":"m_1","text":"${app}"}},
          {"sender":{"id":${id(page)}},"recipient":{"id":${id(person)}},"timestamp":1767168060124,
           "message":{"mid":"m_2","is_echo":true,"app_id":${id(app)},"text":"hi"}},
          {"sender":{"id":${id(person)}},"recipient":{"id":${id(page)}},"timestamp":1767168060125,
           "pass_thread_control":{"previous_owner_app_id":${id(app)},"new_owner_app_id":${id(app)}}}],
         "changes":[{"field":"leadgen","value":{"leadgen_id":${id(app)},"form_id":${id(person)}}}]}]}`,
      )
      const events = fullEvents(normalize("facebook", bare))
      expect(events).toEqual(fullEvents(normalize("facebook", quoted)))
      expect(events).toMatchObject([
        { from: person, page_id: page, message: { body: app } },
        { from: person, page_id: page, origin: { app_id: app } },
        { from: person, page_id: page, control: { from_owner: app, to_owner: app } },
        { page_id: page, lead: { id: app, form_id: person } },
      ])
    }),
  )
})

it("Instagram: ids mean the same as text and as bare numbers of any length", () => {
  fc.assert(
    fc.property(digits, digits, digits, (account, person, media) => {
      fc.pre(account !== person)
      const [quoted, bare] = bothWays(
        (id) => `{"object":"instagram","entry":[{"id":${id(account)},"time":1767255300639,"messaging":[
          {"sender":{"id":${id(person)}},"recipient":{"id":${id(account)}},"timestamp":1767255300251,
           "message":{"mid":"a","attachments":[{"type":"ig_reel","payload":{"reel_video_id":${id(media)}}}]}}],
         "changes":[{"field":"comments","value":{"id":${id(media)},"text":"${media}","from":{"id":${id(person)}},
           "media":{"id":${id(account)}}}}]}]}`,
      )
      const events = fullEvents(normalize("instagram", bare))
      expect(events).toEqual(fullEvents(normalize("instagram", quoted)))
      expect(events).toMatchObject([
        { from: person, page_id: account, message: { share: { id: media } } },
        { from: person, page_id: account, comment: { id: media, text: media, media_id: account } },
      ])
    }),
  )
})

it("WhatsApp: ids mean the same as text and as bare numbers of any length", () => {
  fc.assert(
    fc.property(digits, digits, digits, longDigits, (waba, number, phone, media) => {
      fc.pre(number !== "123456123")
      const [quoted, bare] = bothWays(
        (id) => `{"object":"whatsapp_business_account","entry":[{"id":${id(waba)},"changes":[{"field":"messages",
         "value":{"metadata":{"phone_number_id":${id(number)}},"contacts":[{"wa_id":${id(phone)}}],
          "messages":[{"from":${id(phone)},"id":"wamid.1","timestamp":1767168000,"type":"image",
           "image":{"id":${id(media)},"caption":"${media}"}}],
          "statuses":[{"id":"wamid.2","status":"read","timestamp":"1767168001","recipient_id":${id(phone)}}]}},
         {"field":"message_template_status_update","value":{"message_template_id":${id(media)}}}]}]}`,
      )
      const events = fullEvents(normalize("whatsapp", bare))
      expect(events).toEqual(fullEvents(normalize("whatsapp", quoted)))
      expect(events).toMatchObject([
        { from: phone, page_id: number, message: { body: media, attachments: [{ id: media }] } },
        { from: phone, page_id: number, status: { recipient: phone } },
        { page_id: waba, template: { id: media } },
      ])
    }),
  )
})

it("makes the same of every fixture when its long ids lose their quotes", () => {
  for (const fixture of fixtures) {
    const text = fixture.text ?? JSON.stringify(fixture.body)
    const bare = text.replaceAll(/([:[])\s*"([1-9]\d{16,})"/g, "$1$2")
    const { platform, name, expected } = fixture
    expect(fullEvents(normalizeFixture({ platform, text: bare })), name).toEqual(expected)
  }
})

it("takes fractions and powers of ten for no ids", () => {
  for (const number of ["1.5", "1e21", "-0.1", "9007199254740993.0"]) {
    const body = parseJsonText(`{"object":"page","entry":[{"id":"2","messaging":[{"sender":{"id":${number}},
      "recipient":{"id":"2"},"message":{"mid":"m_1","text":"hi"}}]}]}`)
    expect(normalize("facebook", body).drafts).toMatchObject([{ from: "", pageId: "2" }])
  }
})
