import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }

const ROOT = join(import.meta.dirname, "../..")

it("installs the Node that it runs on without development dependencies too", () => {
  expect(Object.keys(manifest.dependencies)).toContain("node")
  expect(process.versions.node).toBe(manifest.dependencies.node)
})

it("has no package that asks for another Node than that one", () => {
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const args = ["ci", "--dry-run", "--offline", "--include=dev", "--loglevel=warn"]
  const { status, stderr } = spawnSync("npm", args, { cwd: ROOT, env: { ...process.env, PATH }, encoding: "utf8" })
  expect(stderr).not.toContain("EBADENGINE")
  expect(status).toBe(0)
})

it("keeps download addresses out of the lock file", () => {
  expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toContain('"resolved"')
})

it("runs Node with the same options in npm start, in the image and in the benchmark", () => {
  const read = (file: string) => readFileSync(join(ROOT, file), "utf8")
  const [option = "none"] = /--max-semi-space-size=\d+/.exec(manifest.scripts.start) ?? []
  expect(read("Dockerfile")).toContain(`CMD ["node", "${option}", "--import", "./src/boot.js", "src/main.ts"]`)
  expect(read("bench/onehook/process.ts")).toContain(`["${option}"]`)
})
