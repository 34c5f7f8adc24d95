// JavaScript, since the Node that reads it may not run TypeScript: npm start and the command line load it first.
import module from "node:module"
import { fileURLToPath } from "node:url"

const NEEDED = 26

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  console.error(
    `onehook: this is Node ${process.versions.node}, and Onehook runs on Node ${NEEDED}, which npm ci installs as the package node ` +
      "unless install scripts are off; run npm ci --ignore-scripts=false, or start it with a newer Node",
  )
  process.exit(1)
}
// Compiling the modules is half of a start. The cache is in the installation, since others could plant code in a shared
// temporary folder; if it cannot be written, as in a read-only image, Node only reads it.
module.enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url)))
