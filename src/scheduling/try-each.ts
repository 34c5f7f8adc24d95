/**
 * Does the work for each item, one after the other, also after one has failed: a failing item must not block those
 * behind it.
 *
 * @throws the first error, once every item has been tried
 */
export async function tryEach<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const errors: unknown[] = []
  for (const item of items) await work(item).catch((error) => errors.push(error))
  if (errors.length > 0) throw errors[0]
}
