import {z} from 'zod';
import {reasonOfAbort} from '../reach/failure.ts';
import type {Finding, Kind} from './check.ts';
import type {Outcome} from './custom-api.ts';
import {createIsolated} from './custom-isolate.ts';
import {loadCheck} from './custom-load.ts';
import {runCustom} from './custom-run.ts';
import {path} from './path.ts';

const options = z
  .strictObject({
    module: path().describe('The path of the TypeScript module.'),
    options: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("The module's own options; its schema checks them when the config is read."),
    isolate: z
      .boolean()
      .default(false)
      .describe('True: it runs in a thread of its own, which is ended at the timeout, also in an endless loop.'),
  })
  .superRefine((given, context) => {
    const loaded = loadCheck(given.module);
    if ('problem' in loaded) {
      context.addIssue({code: 'custom', path: ['module'], message: loaded.problem});
      return;
    }
    for (const {path: inner, message} of issuesOf(loaded.check.options, given.options))
      context.addIssue({code: 'custom', path: ['options', ...inner], message});
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'custom',
  doc:
    "Runs a TypeScript module of your own: `export default defineCheck({options, run})`, with `import {defineCheck, failed, ok, z} from 'vakhta/check'`, which works " +
    'in any folder. Its zod schema checks `options` when the config is read, and a file that has changed is loaded again before the next run, with the modules ' +
    'that it imports by relative paths. An option marked with `.meta({secret: true})` may be `file:PATH` and is never shown. Whatever it throws is a failure, also in what it did not await. See examples/README.md.\n\n' +
    'The module runs inside the program: **an endless loop in it stops the program**, and so does a call that blocks. With `isolate: true` it runs in a thread of its own with 128 MB at ' +
    'most, which is ended at the timeout and made anew at the next run. A thread takes 10 MB or more.',
  example: [
    'queue:',
    '  type: custom',
    '  module: checks/queue.ts',
    '  options: {url: https://queue.example, max: 100}',
  ].join('\n'),
  options,
  inner: ({module}) => {
    const loaded = typeof module === 'string' ? loadCheck(module) : undefined;
    return loaded && 'check' in loaded ? {key: 'options', schema: loaded.check.options} : undefined;
  },
  prepare: (given, {clock, log = () => {}}) => {
    const run = given.isolate ? createIsolated(given.module) : inside(given.module);
    return async ({signal}) => {
      const began = clock.monotonic();
      const outcome: Outcome = await run({options: given.options, signal, log}).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return {result: 'failed', reason: reasonOfAbort(signal)};
      });
      const {result, reason, values = {}} = outcome;
      const latencyMs = clock.monotonic() - began;
      return [{result, reason, latencyMs, ...(Object.keys(values).length > 0 && {values})} satisfies Finding];
    };
  },
};

export default kind;

/** Does not wait past the deadline for code that does not look at its signal. */
function inside(module: string): ReturnType<typeof createIsolated> {
  return async (use) => {
    const {promise, reject} = Promise.withResolvers<never>();
    const stop = () => reject(use.signal.reason);
    use.signal.addEventListener('abort', stop, {once: true});
    try {
      return await Promise.race([runCustom({path: module, ...use}), promise]);
    } finally {
      use.signal.removeEventListener('abort', stop);
    }
  };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function issuesOf(schema: z.ZodType, given: unknown): readonly Issue[] {
  try {
    const parsed = schema.safeParse(given);
    return (parsed.error?.issues ?? []).flatMap(explain);
  } catch {
    return [{path: [], message: 'expected a schema of options in the module that needs no await'}];
  }
}

/** In the words of the other problems of a config: `expected number`, to which the loader adds what it got. */
function explain(issue: z.core.$ZodIssue): readonly Issue[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: 'unknown key; the module has no such option',
    }));
  const words = issue.message.replace(/^[^:]*: expected /, 'expected ').replace(/, received .*$/, '');
  return [{path: issue.path, message: words}];
}
