import { messaging, outbound } from "./messaging.ts"
import { freshId, type Samples } from "./sample.ts"

const mid = () => freshId("m_")
const IMAGE = "https://scontent.xx.fbcdn.net/v/sample.jpg?oh=1&oe=2"

/** Source: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events */
export const facebook: Samples = {
  text: (input) => messaging("page", input, { message: { mid: mid(), text: input.text } }),
  image: (input) =>
    messaging("page", input, { message: { mid: mid(), attachments: [{ type: "image", payload: { url: IMAGE } }] } }),
  postback: (input) =>
    messaging("page", input, { postback: { mid: mid(), title: "Get started", payload: "GET_STARTED" } }),
  reaction: (input) =>
    messaging("page", input, { reaction: { reaction: "love", emoji: "❤️", action: "react", mid: mid() } }),
  echo: (input) =>
    outbound("page", input, { message: { is_echo: true, app_id: 263902037430900, mid: mid(), text: input.text } }),
  delivered: (input) => messaging("page", input, { delivery: { mids: [mid()], watermark: input.nowMs } }),
  read: (input) => messaging("page", input, { read: { watermark: input.nowMs } }),
}
