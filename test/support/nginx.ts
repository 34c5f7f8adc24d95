import { spawn } from "node:child_process"
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endingWithParent, endProcess, findProgram, freePort, waitUntilReady } from "../../bench/support/processes.ts"

export interface Nginx {
  url: string
  /** What went wrong, by nginx' own log. */
  log(): string
  stop(): Promise<void>
}

/**
 * A load balancer before these URLs: kept-alive connections to each, and nginx' own rules of what is tried again
 * elsewhere. It has no health checks. Throws if nginx is not installed.
 */
export async function startNginx(urls: readonly string[]): Promise<Nginx> {
  const program = findProgram("nginx", ["/usr/sbin"])
  if (program === null) throw new Error("no nginx on the PATH or in /usr/sbin; on Debian: apt-get install nginx-light")
  const folder = mkdtempSync(join(tmpdir(), "onehook-nginx-"))
  const port = await freePort()
  const logFile = join(folder, "error.log")
  const file = join(folder, "nginx.conf")
  writeFileSync(file, configuration(folder, port, urls))
  const log = openSync(logFile, "a")
  const child = spawn(...endingWithParent(program, ["-c", file, "-e", logFile, "-p", folder]), {
    stdio: ["ignore", log, log],
  })
  const stop = async () => {
    await endProcess(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  const ready = async () => (await fetch(`${url}/livez`)).ok
  try {
    await waitUntilReady(child, { name: "nginx", ready, logFile })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop, log: () => readFileSync(logFile, "utf8") }
}

function configuration(folder: string, port: number, urls: readonly string[]): string {
  const servers = urls.map((url) => `server ${new URL(url).host} fail_timeout=1s;`).join(" ")
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  return `
daemon off;
# One process, so that nothing remains when it is killed.
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  upstream gateways { ${servers} keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://gateways;
      # As docs/guides/operate.md says: a listener that closes resets what it had not accepted.
      proxy_next_upstream error timeout non_idempotent;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
}
