import { ADMIN_KEY, APP_SECRET, type Instance, startProcess, VERIFY_TOKEN } from "./onehook.ts"

const SECRETS = {
  ADMIN_KEY,
  META_APP_SECRET: APP_SECRET,
  META_VERIFY_TOKEN: VERIFY_TOKEN,
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
}

/** An installation: the environment of its processes, and functions to start and remove them. */
export interface Installation {
  env: Record<string, string>
  startAll(extra?: Record<string, string>): Promise<Instance>
  startRole(role: "gateway" | "dispatcher", extra?: Record<string, string>): Promise<Instance>
  remove(): Promise<void>
}

export function installation(env: Record<string, string>, remove: () => Promise<void>): Installation {
  const instances: Instance[] = []
  const started = async (more: Record<string, string>) => {
    const instance = await startProcess({ ...SECRETS, ...env, ...more })
    instances.push(instance)
    return instance
  }
  return {
    env: { ...SECRETS, ...env },
    startAll: (extra = {}) => started(extra),
    // From this URL a dispatcher concludes that the installation is local, so that it allows endpoints on loopback.
    startRole: (role, extra = {}) => started({ ROLE: role, PUBLIC_URL: "http://127.0.0.1:3000", ...extra }),
    async remove() {
      await Promise.all(instances.map((instance) => instance.kill("SIGKILL")))
      await remove()
    },
  }
}
