import {statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import type {Logger} from 'pino';
import {kinds} from './checks/index.ts';
import type {Clock} from './clock.ts';
import type {Config} from './config/config.ts';
import type {LoadedConfig} from './config/load.ts';
import {formatProblem, type Problem} from './config/problems.ts';

/** How often the files are looked at. Asking works on every file system; being told does not. */
const LOOK_EVERY_MS = 2_000;
/** Names beyond this many are counted. */
const NAMES_MAX = 5;

/** Problems beyond this many are counted: the message goes to a chat. */
const PROBLEMS_MAX = 5;

type Loaded = Extract<LoadedConfig, {ok: true}>;

/** When the program ends, and when it goes on with another configuration. */
export interface Reloads {
  stop(why: string): void;
  /** Reads the configuration again, changed or not. */
  request(): void;
  /** Resolves with the next valid configuration, or with nothing when the program is to stop. */
  next(current: Config): Promise<Loaded | undefined>;
}

/** SIGHUP, `request` and a change of the files ask for it; one with mistakes is told of, and the current one goes on. */
export function createReloads(use: {
  readonly clock: Clock;
  readonly log: Logger;
  readonly load: () => LoadedConfig;
  readonly onRefused: (problems: string) => void;
  /** The files as they were when the program's first configuration was read. */
  readonly read: Stamps;
}): Reloads {
  let stopped = false;
  let requested = false;
  let wake = () => {};
  /** The files as they were before they were last read: what is written while the program takes that over is seen later. */
  let {read} = use;
  const reloads: Reloads = {
    stop: (why) => {
      if (stopped) return;
      use.log.info({why}, 'stopping');
      stopped = true;
      wake();
    },
    request: () => {
      requested = true;
      wake();
    },
    next: async (current) => {
      while (!stopped) {
        if (!requested) await untilAsked(configFiles(current));
        if (stopped) break;
        requested = false;
        read = stampsOf(configFiles(current));
        const loaded = use.load();
        if (loaded.ok) {
          read = new Map([...stampsOf(configFiles(loaded.config)), ...read]);
          return loaded;
        }
        use.onRefused(problemsOf(loaded.problems));
      }
      return undefined;
    },
  };

  async function untilAsked(files: readonly string[]): Promise<void> {
    const waiting = new AbortController();
    wake = () => waiting.abort();
    await untilChanged(files, use.clock, waiting.signal, read);
    wake = () => {};
    if (!waiting.signal.aborted) requested = true;
  }

  return reloads;
}

function problemsOf(problems: readonly Problem[]): string {
  const left = problems.length - PROBLEMS_MAX;
  const lines = problems.slice(0, PROBLEMS_MAX).map(formatProblem);
  return [...lines, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n');
}

/** The config file, the address lists that it names, and the server's certificate. */
export function configFiles(config: Config): readonly string[] {
  const lists = config.checks.flatMap(({kind, options}) => {
    const from = kinds.get(kind)?.addressList?.from;
    const file: unknown =
      from !== undefined && typeof options === 'object' && options ? Reflect.get(options, from) : undefined;
    return typeof file === 'string' ? [resolve(dirname(config.file), file)] : [];
  });
  return [...new Set([resolve(config.file), ...lists, ...(config.http?.tls?.files ?? [])])];
}

/**
 * Resolves when one of the files has changed and then stayed the same for a look, or when the signal aborts. `known` has what
 * they looked like before; of a file that is not in it, that is as it looks now.
 */
export async function untilChanged(
  files: readonly string[],
  clock: Clock,
  signal: AbortSignal,
  known: Stamps = new Map(),
): Promise<void> {
  const first = new Map([...stampsOf(files), ...known]);
  let last: Stamps = first;
  while (!signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const now = stampsOf(files);
    // An editor or a rollout may be in the middle of writing.
    if (files.some((file) => now.get(file) !== first.get(file)) && same(now, last)) return;
    last = now;
  }
}

/** What another configuration changes, in one line for people. */
export function summarize(before: Config, after: Config): string {
  const old = new Map(before.checks.map((check) => [check.name, JSON.stringify(check)]));
  const now = new Map(after.checks.map((check) => [check.name, JSON.stringify(check)]));
  const added = [...now.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !now.has(name));
  const changed = [...now.keys()].filter((name) => old.has(name) && old.get(name) !== now.get(name));
  const parts = [
    ...count('added', added),
    ...count('removed', removed),
    ...count('changed', changed),
    ...(same(rest(before), rest(after)) ? [] : ['other settings changed']),
    ...needRestart(before, after),
  ];
  return parts.length === 0 ? 'nothing changed' : parts.join('; ');
}

/** What is opened once, when the program starts. */
const OPENED_ONCE = {
  dataDir: 'data_dir',
  keepRawMs: 'keep_raw',
  keepHistoryMs: 'keep_history',
  mocks: 'mocks',
} as const;

function needRestart(before: Config, after: Config): string[] {
  const keys = (Object.keys(OPENED_ONCE) as (keyof typeof OPENED_ONCE)[]).filter((key) => before[key] !== after[key]);
  return keys.length === 0 ? [] : [`${keys.map((key) => OPENED_ONCE[key]).join(', ')} at the next start only`];
}

function count(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  return [`${names.length} ${what}: ${names.slice(0, NAMES_MAX).join(', ')}${more}`];
}

function rest({checks: _, file: __, ...others}: Config): unknown {
  return others;
}

function same(a: unknown, b: unknown): boolean {
  const plain = (_key: string, value: unknown) => (value instanceof Map ? [...value] : value);
  return JSON.stringify(a, plain) === JSON.stringify(b, plain);
}

/** What changes with the content of a file, by path. */
export type Stamps = ReadonlyMap<string, string>;

export function stampsOf(files: readonly string[]): Stamps {
  return new Map(
    files.map((file) => {
      const stats = statSync(file, {throwIfNoEntry: false});
      // A missing file has a stamp too.
      return [file, stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : 'none'];
    }),
  );
}
