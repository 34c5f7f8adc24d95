// JavaScript, since the Node that reads it may not run TypeScript: npm start and the command line load it first.
const NEEDED = 26

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  console.error(
    `onehook: this is Node ${process.versions.node}, and Onehook runs on Node ${NEEDED}, which npm ci installs as the package node ` +
      "unless install scripts are off; run npm ci --ignore-scripts=false, or start it with a newer Node",
  )
  process.exit(1)
}
