import type { Template } from "../core/event/details.ts"
import { id, type JsonObject, object, text } from "./read.ts"

const Value = object({
  event: text,
  reason: text,
  message_template_id: id,
  message_template_name: text,
  message_template_language: text,
  previous_quality_score: text,
  new_quality_score: text,
  previous_category: text,
  new_category: text,
  correct_category: text,
})

/** A change of a message template: its status, quality, category or components. */
export function toTemplate(field: string, value: JsonObject): Template {
  const given = Value.parse(value)
  const quality = given.new_quality_score !== undefined
  return {
    kind: kindOf(field, quality),
    id: given.message_template_id,
    name: given.message_template_name,
    language: given.message_template_language,
    status: given.event?.toLowerCase(),
    reason: given.reason,
    // Meta announces a category correction in advance, and calls the present category new.
    previous: given.previous_quality_score ?? given.previous_category ?? (given.correct_category && given.new_category),
    current: given.new_quality_score ?? given.correct_category ?? given.new_category,
  }
}

/** Meta's own example of a quality update carries the field of a status update. */
function kindOf(field: string, quality: boolean): Template["kind"] {
  if (quality) return "quality"
  for (const kind of ["status", "category", "components"] as const) if (field.includes(kind)) return kind
  return "other"
}
