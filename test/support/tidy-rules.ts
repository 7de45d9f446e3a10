import {posix} from 'node:path';
import type {ModuleFacts} from './module-facts.ts';

/** Each rule returns one line per breach, with its place and what to do; an empty list is a tidy house. */
type Rule = (module: ModuleFacts) => string[];

/** The table of docs/architecture.md: what each part of src/ may load, besides itself; `*` is everything. */
export const MAY_IMPORT: Record<string, readonly string[]> = {
  HOSTNAME: [],
  clock: [],
  state: [],
  reach: [],
  checks: ['reach'],
  bot: ['state'],
  recovery: ['reach', 'state'],
  store: ['state'],
  config: ['checks', 'state'],
  scheduler: ['state'],
  pipeline: ['state'],
  spine: ['pipeline', 'recovery'],
  metrics: [],
  log: ['config'],
  awake: [],
  banner: ['http'],
  calendar: ['state'],
  jobs: ['checks', 'config', 'log'],
  http: ['config', 'state'],
  house: ['HOSTNAME', 'jobs'],
  reload: ['checks', 'config'],
  main: ['*'],
  offline: ['HOSTNAME', 'bot', 'calendar', 'clock', 'config', 'state', 'store'],
  import: ['checks', 'config'],
  // A subcommand that runs nothing (check, window) needs the part that it is about.
  cli: ['main', 'config', 'checks', 'state', 'clock', 'mocks', 'offline', 'import'],
};

/** Packages that any kind of check may use, and those of one kind (its file and the files named after it). */
const EVERY_CHECK = ['zod', '@marcbachmann/cel-js'];
const CHECK_CLIENTS: Record<string, readonly string[]> = {
  http: ['undici'],
  postgres: ['pg'],
  mysql: ['mysql2'],
  mssql: ['mssql'],
};

/** The only modules that may load what they are told at run time: they find their siblings. */
const FINDERS = [
  'src/checks/index.ts',
  'src/checks/custom-load.ts',
  'src/bot/channels/index.ts',
  'src/bot/commands/index.ts',
  'src/cli.ts',
];

export const imports: Rule = (module) => {
  if (!module.file.startsWith('src/')) return [];
  return module.imports.flatMap(({from, line}) => {
    const why = from === null ? computedImport(module.file) : refusal(module.file, from);
    return why === undefined ? [] : [`${module.file}:${line} ${why}`];
  });
};

function computedImport(file: string): string | undefined {
  return FINDERS.includes(file) ? undefined : 'loads a module by a computed name; name it';
}

function refusal(file: string, from: string): string | undefined {
  const part = partOf(file);
  if (!from.startsWith('.')) return packageRefusal(file, part, from);
  const target = partOf(posix.join(posix.dirname(file), from));
  // The program's own name and version are data, and no part of the house.
  if (target === 'package.json' && part !== 'state') return undefined;
  const allowed = MAY_IMPORT[part];
  if (allowed === undefined) return `is of no known part (${part}); add it to the table of imports`;
  if (target === part || allowed.includes(target) || allowed.includes('*')) return undefined;
  return `${part} must not load ${target} (${from}); pass it as a parameter, or import its types only`;
}

function packageRefusal(file: string, part: string, from: string): string | undefined {
  if (part === 'state') return `state must not load ${from}: it is arithmetic`;
  if (part !== 'checks' || from.startsWith('node:')) return undefined;
  const kind = posix.basename(file, '.ts').split('-')[0] ?? '';
  if (EVERY_CHECK.includes(from) || CHECK_CLIENTS[kind]?.includes(from)) return undefined;
  return `the check ${kind} must not load ${from}; a kind's own client library is named in test/support/tidy-rules.ts`;
}

/** `src/bot/commands/ack.ts` is of bot, `src/main.ts` is main. */
function partOf(file: string): string {
  const [top = '', next = ''] = file.split('/');
  return (top === 'src' ? next : top).replace(/\.ts$/, '');
}

const CLOCK_NAMES = ['Date', 'setTimeout', 'setInterval', 'setImmediate'].concat(
  ['Temporal.Now', 'performance.now', 'AbortSignal.timeout', 'process.hrtime'],
  ['globalThis.Date', 'globalThis.setTimeout', 'globalThis.setInterval', 'globalThis.setImmediate'],
);

export const clockNames: Rule = (module) => {
  if (!module.file.startsWith('src/') || module.file === 'src/clock.ts') return [];
  const timers = module.imports.flatMap(({from, line}) =>
    from?.startsWith('node:timers') ? [{name: from, line}] : [],
  );
  return [...timers, ...module.names.filter(({name}) => CLOCK_NAMES.includes(name))].map(
    ({name, line}) => `${module.file}:${line} names ${name}; take a Clock as a parameter`,
  );
};

const FILE_LINES_MAX = 400;
const MAIN_LINES_MAX = 150;
const FUNCTION_LINES_MAX = 40;

export const lengths: Rule = (module) => {
  const max = module.file === 'src/main.ts' ? MAIN_LINES_MAX : FILE_LINES_MAX;
  const file = module.lines > max ? [`${module.file} has ${module.lines} lines, ${max} at most; divide it`] : [];
  if (!module.file.startsWith('src/')) return file;
  const functions = module.functions
    .filter(({lines}) => lines > FUNCTION_LINES_MAX)
    .map(({line, lines}) => `${module.file}:${line} a function has ${lines} lines, ${FUNCTION_LINES_MAX} at most`);
  return [...file, ...functions];
};

const NAMELESS_FOLDERS = ['utils', 'util', 'lib', 'core', 'helpers', 'services', 'common', 'misc'];

export function folderNames(files: readonly string[]): string[] {
  const isNameless = (file: string) =>
    posix
      .dirname(file)
      .split('/')
      .some((folder) => NAMELESS_FOLDERS.includes(folder));
  return files.filter(isNameless).map((file) => `${file}: a helper lives beside its user, or has a name of its own`);
}

/** Paths of one machine, and where its packages came from. The words are put together so that this file passes too. */
const FORBIDDEN = [/(?<![\w.~-])\/(work|home|Users|root)\/[\w.-]+\//, /^\s*registry\s*=/m, /"resolved"\s*:\s*"https?:/];

export function forbiddenWords(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = FORBIDDEN.map((word) => word.exec(line)?.[0]).find((match) => match !== undefined);
    return found === undefined ? [] : [`${file}:${index + 1} names ${found}; leave the machine out of it`];
  });
}
