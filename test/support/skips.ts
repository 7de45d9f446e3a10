import type {TestEvent} from 'node:test/reporters';

/** A reporter for node:test that writes one line for each skipped test: its name and why. `run.ts` reads them. */
export default async function* skips(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const {skip, name} = event.data;
    if (skip === undefined || skip === false) continue;
    yield `${name}: ${skip === true ? 'no reason given' : skip}\n`;
  }
}
