import { facebook } from "./facebook.ts"
import { instagram } from "./instagram.ts"
import type { Samples } from "./sample.ts"
import { whatsapp } from "./whatsapp.ts"

interface PlatformSamples {
  kinds: Samples
  /** Defaults of --page and --from. */
  page: string
  from: string
}

/** The webhooks that `trigger` can post, by platform. */
export const SAMPLES: Readonly<Record<string, PlatformSamples>> = {
  facebook: { kinds: facebook, page: "100200300400500", from: "12345678901234" },
  instagram: { kinds: instagram, page: "17841400000005512", from: "1254000000007731" },
  whatsapp: { kinds: whatsapp, page: "106540352242922", from: "16505550134" },
}

export const SAMPLE_TEXT = "Hello! I need help with my order."
