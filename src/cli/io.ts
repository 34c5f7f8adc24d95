/** What the command line reaches of the outside. */
export interface Io {
  env: NodeJS.ProcessEnv
  out: (text: string) => unknown
  err: (text: string) => unknown
}
