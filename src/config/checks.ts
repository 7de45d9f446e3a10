import {dirname, isAbsolute, join} from 'node:path';
import {z} from 'zod';
import {parseAddresses} from '../checks/addresses.ts';
import type {Kind, Target} from '../checks/check.ts';
import {formatDuration} from '../checks/duration.ts';
import {kinds} from '../checks/index.ts';
import type {CheckConfig} from './config.ts';
import {validate} from './explain.ts';
import {CHECKS_MAX, commonCheckKeys} from './keys.ts';
import {marked, replaceTexts, resolvePaths} from './marks.ts';
import {readText} from './read.ts';
import type {Report} from './report.ts';
import type {SecretReader} from './secrets.ts';
import {didYouMean} from './suggest.ts';

type CommonKeys = z.output<typeof commonCheckKeys>;

/** One check of the config whose keys are all right, before defaults and references. */
export interface CheckedCheck {
  readonly name: string;
  readonly kind: Kind;
  readonly common: CommonKeys;
  readonly options: unknown;
}

export interface CheckContext {
  /** The config file, as it was named: address lists lie beside it. */
  readonly file: string;
  readonly report: Report;
  readonly reader: Pick<SecretReader, 'hides' | 'fills' | 'readSecret'>;
}

/** Every check that is all right; of the others, everything that is wrong goes into the report. */
export function readChecks(checks: unknown, context: CheckContext): readonly CheckedCheck[] {
  if (typeof checks !== 'object' || checks === null || Array.isArray(checks)) return [];
  const entries = Object.entries(checks);
  if (entries.length === 0) context.report.problem(['checks'], 'expected at least one check; add its name and type');
  if (entries.length > CHECKS_MAX) {
    context.report.problem(['checks'], `expected at most ${CHECKS_MAX} checks, got ${entries.length}`);
    return [];
  }
  const lists = new Map<string, readonly Target[]>();
  return entries.flatMap(([name, body]) => readCheck(name, body, context, lists) ?? []);
}

/** The kind's own options, strict even where its file forgot to say so: a mistyped key must not be silently ignored. */
const strictOptions: ReadonlyMap<string, z.ZodType> = new Map(
  [...kinds.values()].map(({name, options}) => [name, options instanceof z.ZodObject ? options.strict() : options]),
);
const pathPatterns = new Map([...kinds.values()].map(({name, options}) => [name, marked(options, 'path')]));
const commonNames = Object.keys(commonCheckKeys.shape);

function readCheck(
  name: string,
  body: unknown,
  context: CheckContext,
  lists: Map<string, readonly Target[]>,
): CheckedCheck | undefined {
  const {report, reader} = context;
  const prefix = ['checks', name];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    report.problem(prefix, 'expected a map of keys and values, with type: first', 'key');
    return undefined;
  }
  const {type, ...keys}: Record<string, unknown> = {...body};
  const kind = typeof type === 'string' ? kinds.get(type) : undefined;
  const [commonInput, ownKeys] = split(keys);
  const common = validate(commonCheckKeys, {prefix, input: commonInput, reader});
  for (const {path, message, part} of common.ok ? [] : common.explained) report.problem(path, message, part);
  if (!kind) {
    complainOfType(prefix, type, report);
    return undefined;
  }
  const schema = strictOptions.get(kind.name) ?? kind.options;
  const placed = resolvePaths(ownKeys, pathPatterns.get(kind.name) ?? [], context.file);
  const ownInput = readInner(kind, placed, name, context);
  const own = validate(schema, {prefix, input: ownInput, reader, otherKeys: ['type', ...commonNames]});
  for (const {path, message, part} of own.ok ? [] : own.explained) report.problem(path, message, part);
  const options = addTargets(kind, own.ok ? own.value : ownInput, {name, context, lists});
  return common.ok && own.ok && options !== undefined ? {name, kind, common: common.value, options} : undefined;
}

/** What the schema that a user brings marks as `secret` or `path` becomes the same as in a schema of our own. */
function readInner(
  kind: Kind,
  given: Record<string, unknown>,
  name: string,
  {file, report, reader}: CheckContext,
): Record<string, unknown> {
  const inner = kind.inner?.(given);
  if (!inner) return given;
  const patterns = (mark: 'secret' | 'path') => marked(inner.schema, mark).map((path) => [inner.key, ...path]);
  return replaceTexts(resolvePaths(given, patterns('path'), file), patterns('secret'), (text, under) => {
    const path = ['checks', name, ...under];
    const read = reader.readSecret(text, path);
    if ('value' in read) return read.value;
    report.problem(path, read.problem);
    return text;
  });
}

function split(keys: Record<string, unknown>): readonly [Record<string, unknown>, Record<string, unknown>] {
  const common: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(keys))
    (Object.hasOwn(commonCheckKeys.shape, key) ? common : own)[key] = value;
  return [common, own];
}

function complainOfType(prefix: readonly string[], type: unknown, report: Report): void {
  const names = [...kinds.keys()];
  const path = [...prefix, 'type'];
  if (type === undefined) return report.problem(path, `this key is missing: add type, one of ${names.join(', ')}`);
  const got = typeof type === 'string' ? JSON.stringify(type.slice(0, 60)) : 'something else';
  const mend = typeof type === 'string' ? didYouMean(type, names) : '';
  return report.problem(path, `expected one of ${names.join(', ')}, got ${got}${mend}`);
}

/** The options with the targets of the address list that they name; undefined when the list is wrong. */
function addTargets(
  kind: Kind,
  options: unknown,
  check: {readonly name: string; readonly context: CheckContext; readonly lists: Map<string, readonly Target[]>},
): unknown {
  const list = kind.addressList;
  if (!list || typeof options !== 'object' || options === null || !(list.from in options)) return options;
  const from: unknown = Reflect.get(options, list.from);
  if (typeof from !== 'string') return options;
  const path = ['checks', check.name, list.from];
  const targets = check.lists.get(from) ?? readAddressList(from, path, check.context);
  if (!targets) return undefined;
  check.lists.set(from, targets);
  const inline: unknown = Reflect.get(options, list.into);
  return {...options, [list.into]: [...(Array.isArray(inline) ? inline : []), ...targets]};
}

function readAddressList(
  from: string,
  path: readonly PropertyKey[],
  {file, report}: CheckContext,
): readonly Target[] | undefined {
  const shown = isAbsolute(from) ? from : join(dirname(file), from);
  const text = readText(shown, 'the list of addresses');
  if (!text.ok) {
    if (text.line === 1 && text.col === 1) report.problem(path, `${text.message} (${shown})`);
    else report.elsewhere({file: shown, line: text.line, col: text.col, path: '', message: text.message});
    return undefined;
  }
  const {targets, problems} = parseAddresses(text.text);
  for (const {line, col, message} of problems) report.elsewhere({file: shown, line, col, path: '', message});
  if (targets.length === 0 && problems.length === 0) {
    report.problem(path, `expected addresses in ${shown}, found none; write one address or host name on each line`);
  }
  return targets.length === 0 || problems.length > 0 ? undefined : targets;
}

type Timing = Pick<
  CheckConfig,
  | 'name'
  | 'reportId'
  | 'intervalMs'
  | 'at'
  | 'timeoutMs'
  | 'attempts'
  | 'retryDelayMs'
  | 'backoffFactor'
  | 'maxIntervalMs'
>;

/** Says when the attempts of a check may take longer than its interval, and when its backoff cannot make it longer. */
export function warnOfTiming(check: Timing, report: Report): void {
  const {name, intervalMs, maxIntervalMs} = check;
  // What is reported to waits for nothing.
  if (check.at !== undefined || check.reportId !== undefined) return;
  const interval = `its interval of ${formatDuration(intervalMs)}`;
  const longest = check.attempts * check.timeoutMs + (check.attempts - 1) * check.retryDelayMs;
  if (longest > intervalMs) {
    const words = `its attempts may take ${formatDuration(longest)}, longer than ${interval}`;
    report.warn(['checks', name], `${words}; runs will then be late`, 'key');
  }
  if (check.backoffFactor > 1 && maxIntervalMs < intervalMs) {
    const words = `its max_interval of ${formatDuration(maxIntervalMs)} is shorter than ${interval}`;
    report.warn(['checks', name], `${words}; backoff_factor does nothing then`, 'key');
  }
}
