#!/usr/bin/env node
import "../boot.js"

await import("./main.ts")
