import { errorText } from "../../core/errors/error-text.ts"

/** Why the database cannot be used, and what to do about it; it repeats nothing of the URL. */
export class StoreFault extends Error {
  /** May waiting help, without a change by the operator? */
  readonly heals: boolean

  constructor(message: string, { heals, cause }: { heals: boolean; cause?: unknown }) {
    super(message, { cause })
    this.heals = heals
  }
}

const RIGHTS = "let the user own the database, or grant it create on the database and on its schema public"
const HOST = "check host and port, and that the server runs"
const CA = "name the file of the provider's certificate authority in sslrootcert, or check the one that it names"

/** By SQLSTATE, or by Node's or OpenSSL's code. */
const HEALING: Record<string, string> = {
  "53300": "it has no free connection: raise its limit, or lower DATABASE_POOL_SIZE of the processes",
  "57P03": "the server is starting up or shutting down",
  "57P01": "the server is shutting down",
  "25006": "the server is read-only: name the primary, or all servers of the cluster as host1,host2",
  ECONNREFUSED: `nothing listens there: ${HOST}`,
  ECONNRESET: `the connection was reset: ${HOST}`,
  EHOSTUNREACH: `the host cannot be reached: ${HOST}`,
  ENETUNREACH: `the network cannot be reached: ${HOST}`,
  ETIMEDOUT: `the host does not answer: ${HOST}`,
  ENOTFOUND: "the name of the host is unknown: check it",
  EAI_AGAIN: "the name of the host cannot be resolved: check the name server",
}
const LASTING: Record<string, string> = {
  "28P01": "the password is wrong: check user and password of the URL, percent-encoded",
  "28000":
    "the server does not let this user in from here: check the user, its right to log in and pg_hba.conf, and add " +
    "sslmode=verify-full if the server requires TLS",
  "3D000": "the database does not exist: create it, or correct the name at the end of the URL",
  "42501": `the user may not do this: ${RIGHTS}`,
  "08P01":
    "the server, or a pooler before it, does not understand the connection: check that the address is that of Postgres, " +
    "or of a pooler in session mode",
  "0A000": "the server lacks something that Onehook needs: use Postgres 14 or newer",
  CERT_HAS_EXPIRED: "the server's certificate has expired: renew it",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the server's certificate is for another host: connect by a name that it has, or use sslmode=verify-ca with sslrootcert",
  DEPTH_ZERO_SELF_SIGNED_CERT: `the server's certificate is signed by itself: ${CA}`,
  SELF_SIGNED_CERT_IN_CHAIN: `the authority of the server's certificate is not trusted: ${CA}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `the authority of the server's certificate is not known: ${CA}`,
  UNABLE_TO_GET_ISSUER_CERT: `the authority of the server's certificate is not known: ${CA}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `the authority of the server's certificate is not known: ${CA}`,
}
/** Errors of the driver without a code. */
const MESSAGES: [RegExp, string, boolean][] = [
  [
    /does not support SSL/,
    "the server has no TLS: turn it on, or set sslmode=disable in a network that you trust",
    false,
  ],
  [/establishing an SSL connection/, `the address is not that of Postgres: ${HOST}`, false],
  [/password must be a (non-empty )?string/, "the server asks for a password: add it to the URL", false],
  [
    /PEM|certificate|key values mismatch/i,
    "a certificate file of the URL is damaged: it must have the PEM format",
    false,
  ],
  [/timeout/i, `the host does not answer in time: ${HOST}`, true],
]

export function storeFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error
  const { code = "", message = "", path } = error as NodeJS.ErrnoException
  if (path !== undefined && /^(ENOENT|EACCES|EISDIR)$/.test(code) && !/connect/.test(message)) {
    const text = `the certificate file ${path} of its URL cannot be read: correct the path or the file's rights`
    return new StoreFault(text, { heals: false, cause: error })
  }
  const lasting = LASTING[code]
  if (lasting !== undefined) return new StoreFault(lasting, { heals: false, cause: error })
  if (HEALING[code] !== undefined) return new StoreFault(HEALING[code], { heals: true, cause: error })
  const [, known, heals] =
    MESSAGES.find(([pattern]) => pattern.test(code.startsWith("ERR_OSSL") ? "PEM" : message)) ?? []
  if (known !== undefined && heals !== undefined) return new StoreFault(known, { heals, cause: error })
  const text = error instanceof Error ? errorText(error).message : message
  return new StoreFault(text || code || "unknown error", { heals: true, cause: error })
}
