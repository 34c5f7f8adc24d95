import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findProgram } from "../../bench/support/processes.ts"

const PAGE = join(import.meta.dirname, "../../docs/guides/receive-events.md")

/** Is php-cgi on the path? If not, suites that need it are skipped by name; in CI the run fails. */
const program = findProgram("php-cgi")
export const hasPhp = program !== null
if (!hasPhp && process.env.CI) throw new Error("no php-cgi found on the path; CI must not skip suites")

/** Warnings and notices fail. */
const BEFORE = `<?php
set_error_handler(function ($level, $text) { throw new ErrorException($text); });
$secret = $_SERVER['SECRET'];
`
const ANSWER = `
$body = file_get_contents('php://input');
$spellings = [getallheaders(), array_change_key_case(getallheaders())];
echo json_encode(array_map(fn ($headers) => is_genuine($headers, $body, $secret), $spellings));
`

/**
 * Whether a request is genuine, as checked by the PHP code of the guide, run as a web server runs it: under FastCGI,
 * where
 * `getallheaders()` has keys such as `Webhook-Id`. The second result is for keys in lower case, as under `php -S`.
 */
export function genuineInPhp(headers: Record<string, string>, body: string, secret: string): boolean[] {
  const [, code = ""] = /```php\n([\s\S]*?)```/.exec(readFileSync(PAGE, "utf8")) ?? []
  const folder = mkdtempSync(join(tmpdir(), "onehook-php-"))
  const file = join(folder, "receiver.php")
  writeFileSync(file, BEFORE + code + ANSWER)
  const named = Object.entries(headers).map(([name, value]) => [
    `HTTP_${name.toUpperCase().replaceAll("-", "_")}`,
    value,
  ])
  const env = {
    PATH: process.env.PATH,
    GATEWAY_INTERFACE: "CGI/1.1",
    REDIRECT_STATUS: "200",
    REQUEST_METHOD: "POST",
    SCRIPT_FILENAME: file,
    CONTENT_TYPE: "application/json",
    CONTENT_LENGTH: String(Buffer.byteLength(body)),
    SECRET: secret,
    ...Object.fromEntries(named),
  }
  const { stdout } = spawnSync(program ?? "", ["-d", "display_errors=1"], { env, input: body, encoding: "utf8" })
  rmSync(folder, { recursive: true })
  const [, answer = ""] = stdout.split("\r\n\r\n")
  if (!answer.startsWith("[")) throw new Error(answer)
  return JSON.parse(answer)
}
