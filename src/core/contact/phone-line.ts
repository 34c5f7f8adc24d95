/**
 * Countries where WhatsApp knows a mobile line by two numbers: with and without the 9 of Brazil after its area, the 1
 * of Mexico and the 9 of Argentina after the country. A landline of Brazil begins with 2 to 5 and has one number
 * only.
 */
const TWO_NUMBERS = [/^(55)([1-9]\d)9?([6-9]\d{7})$/, /^(52)1?([2-9]\d{9})$/, /^(54)9?([1-3]\d{9})$/]

const FIVE = 0x35

/** The shorter of the two numbers of a line, from the digits of either; undefined where a line has only one. */
export function lineOf(phone: string): string | undefined {
  // Nearly every number ends here.
  if (phone.charCodeAt(0) !== FIVE) return undefined
  for (const pattern of TWO_NUMBERS) {
    const parts = pattern.exec(phone)
    if (parts !== null) return parts.slice(1).join("")
  }
  return undefined
}

/** Whether two numbers, as digits, reach one person. */
export function isSameLine(one: string, other: string): boolean {
  return one === other || (lineOf(one) ?? one) === lineOf(other)
}
