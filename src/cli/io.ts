/** The environment and output streams that the command line uses. */
export interface Io {
  env: NodeJS.ProcessEnv
  out: (text: string) => unknown
  err: (text: string) => unknown
  /** Whether `err` is a terminal, where a line can be redrawn. */
  isTerminal?: boolean
}
