/** What the command line reaches of the outside. */
export interface Io {
  env: NodeJS.ProcessEnv
  out: (text: string) => unknown
  err: (text: string) => unknown
  /** `err` is a terminal, where a line may be drawn over itself. */
  isTerminal?: boolean
}
