/** The environment that started processes inherit: nothing that configures Onehook. */
export const CHILD_ENV = {
  PATH: process.env.PATH ?? "",
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? "",
}
