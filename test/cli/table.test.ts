import { describe, expect, it } from "vitest"
import { formatFields, formatTable, toText } from "../../src/cli/output/table.ts"

describe("a table", () => {
  it("aligns its columns under their titles", () => {
    const rows = [
      { id: "cus_1", name: "Acme", tags: ["a", "b"] },
      { id: "cus_222", name: "", tags: [] },
    ]
    expect(formatTable(rows, ["id", ["called", (row) => row.name], "tags"])).toBe(
      "id       called  tags\ncus_1    Acme    a,b\ncus_222  -       -\n",
    )
  })

  it("cuts long cells", () => {
    const text = formatTable([{ text: "x".repeat(500) }], ["text"])
    expect(text.split("\n")[1]).toBe(`${"x".repeat(59)}…`)
  })

  it("counts characters, not UTF-16 units", () => {
    expect(formatTable([{ a: "🦄🦄", b: "x" }], ["a", "b"])).toBe("a   b\n🦄🦄  x\n")
  })
})

describe("a cell", () => {
  it.each([
    ["an escape sequence", "\u001b[2J\u001b]0;title\u0007hi", " [2J ]0;title hi"],
    ["line breaks and tabs", "one\r\n\ttwo", "one two"],
    ["text direction marks", "a\u202eb\u2066c", "a b c"],
  ])("loses %s", (_, text, expected) => {
    expect(toText(text)).toBe(expected)
  })

  it.each([
    [null, "-"],
    [undefined, "-"],
    ["", "-"],
    [0, "0"],
    [false, "false"],
    [["a", "b"], "a,b"],
    [{ a: [1] }, '{"a":[1]}'],
    ["2026-11-23T14:47:02.123Z", "2026-11-23T14:47:02Z"],
  ])("shows %j as %s", (value, expected) => {
    expect(toText(value)).toBe(expected)
  })
})

it("shows an object with one field per line", () => {
  expect(formatFields({ id: "ep_1", page_ids: null, headers: { "x-a": "1" } })).toBe(
    'id        ep_1\npage_ids  -\nheaders   {"x-a":"1"}\n',
  )
})
