/** The environment that started processes inherit: nothing that configures Onehook. */
export const CHILD_ENV = {
  PATH: process.env.PATH ?? "",
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "",
}

/**
 * What Node is told beside: a test runs most of the embedded store's code once, and compiling that a second time, for
 * speed, is a third of what starting it costs.
 */
export const RUNS_ONCE = ["--liftoff-only"]
