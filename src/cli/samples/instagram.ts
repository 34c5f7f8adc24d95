import { messaging, outbound } from "./messaging.ts"
import { freshId, type Samples } from "./sample.ts"

const mid = () => freshId("aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlE", 48)
const IMAGE = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=40&signature=sample"

/** Source: https://developers.facebook.com/docs/messenger-platform/instagram/features/webhook */
export const instagram: Samples = {
  text: (input) => messaging("instagram", input, { message: { mid: mid(), text: input.text } }),
  image: (input) =>
    messaging("instagram", input, {
      message: { mid: mid(), attachments: [{ type: "image", payload: { url: IMAGE } }] },
    }),
  postback: (input) =>
    messaging("instagram", input, { postback: { mid: mid(), title: "Opening hours?", payload: "HOURS" } }),
  reaction: (input) =>
    messaging("instagram", input, { reaction: { mid: mid(), action: "react", reaction: "love", emoji: "❤️" } }),
  echo: (input) => outbound("instagram", input, { message: { mid: mid(), text: input.text, is_echo: true } }),
  read: (input) => messaging("instagram", input, { read: { mid: mid() } }),
}
