import { BaseSequencer, type TestSpecification } from "vitest/node"

/**
 * Files that start processes wait most; begun first, they wait while the others compute, and none is left alone at
 * the end.
 */
export class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const { first = [], others = [] } = Object.groupBy(sorted, ({ moduleId }) =>
      /\/test\/(e2e|defects-of-peers|cli)\//.test(moduleId) ? "first" : "others",
    )
    return [...first, ...others]
  }
}
