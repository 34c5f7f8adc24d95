import { expect, test } from "vitest"
import { floats, ints, texts } from "../../../src/store/connection/arrays.ts"
import { describeStores } from "../../support/stores.ts"

describeStores("array parameters", (pool) => {
  const readBack = async (type: string, values: Buffer) =>
    (await pool().query<{ given: unknown }>(`select to_json($1::${type}[]) as given`, [values])).rows[0]?.given

  test.each([
    ["nothing", []],
    ["null", [null]],
    ["empty, null and none in a row", ["", null, "NULL", "a"]],
    ["what a literal must quote", ['{"a":"b\\"c"}', "{}", ",", " ", "\\", '"']],
    ["control characters", ["\n\t\r\x01\x7f", "\u2028"]],
    ["every length of character", ["a", "é", "日本", "👩‍👩‍👧"]],
    ["more than fits at first", Array.from({ length: 300 }, (_, index) => "ü".repeat(index * 10))],
  ])("texts: %s", async (_name, values) => {
    expect(await readBack("text", texts(values))).toEqual(values)
  })

  test("half a surrogate pair is stored as a replacement character", async () => {
    expect(await readBack("text", texts(["a\ud800b"]))).toEqual(["a\ufffdb"])
  })

  test.each([[[]], [[0, -1, null, 2_147_483_647, -2_147_483_648]]])("integers: %j", async (values) => {
    expect(await readBack("int", ints(values))).toEqual(values)
  })

  test.each([[[]], [[0, 0.1, null, 1_747_231_892_123.25, -1e300]]])("floats: %j", async (values) => {
    expect(await readBack("float8", floats(values))).toEqual(values)
  })
})
