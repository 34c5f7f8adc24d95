/** Calls `work` for a few items per event-loop turn, so that other work can run in between. `work` must not throw. */
export function limitPerTurn<Item>(work: (item: Item) => void, perTurn: number): (item: Item) => void {
  let waiting: Item[] = []
  let scheduled = false

  function turn() {
    const items = waiting.slice(0, perTurn)
    waiting = waiting.slice(perTurn)
    for (const item of items) work(item)
    scheduled = waiting.length > 0
    if (scheduled) setImmediate(turn)
  }

  return (item) => {
    waiting.push(item)
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }
}
