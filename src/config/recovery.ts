import {z} from 'zod';
import {formatDuration} from '../checks/duration.ts';
import {expectOneLogin, sshLogin} from '../checks/ssh-login.ts';
import type {CheckConfig, HostConfig, RecoveryConfig} from './config.ts';
import {freeDuration} from './duration-keys.ts';
import {marked, resolvePaths} from './marks.ts';
import type {Redact} from './redact.ts';
import {expectName} from './references.ts';
import type {Report} from './report.ts';

/** What this server itself is called where a recovery runs. */
const LOCAL = 'local';

const SECOND = 1_000;
const HOUR = 3_600_000;
const COMMAND_CHARS_MAX = 4_000;
const ATTEMPTS_MAX = 1_000;

const DEFAULTS = {maxAttempts: 3, backoffFactor: 2, maxIntervalMs: HOUR, timeoutMs: 60 * SECOND};

export const host = z
  .strictObject({
    ...sshLogin,
    jump: z.string().optional().describe('The name of the one of `hosts` that the way leads through.'),
  })
  .superRefine(expectOneLogin);

const command = z.string().min(1).max(COMMAND_CHARS_MAX);

/** Whether there is a host with a command, or a program, is said with the references, beside all the other mistakes. */
export const recovery = z
  .strictObject({
    host: z.string().describe('The name of the one of `hosts` that the command runs on.'),
    command: command.describe("What to run there over SSH; the user's shell on the host reads it."),
    exec: z
      .array(command)
      .min(1, 'expected a program and its arguments')
      .describe('Or a program of this server and its arguments, without a shell: `[systemctl, restart, shop]`.'),
    after_failures: z
      .int()
      .min(1)
      .max(100_000)
      .describe('Failures until the first attempt; left out: `fail_after`, so it runs as soon as the check is down.'),
    max_attempts: z
      .int()
      .min(1)
      .max(ATTEMPTS_MAX)
      .meta({default: DEFAULTS.maxAttempts})
      .describe('Attempts in one incident; then the breaker opens, until `/recover NAME reset`.'),
    backoff_factor: z
      .number()
      .min(1)
      .max(10)
      .meta({default: DEFAULTS.backoffFactor})
      .describe(
        "Before the second attempt it rests for the check's interval times this, and each time by this longer.",
      ),
    max_interval: freeDuration({min: SECOND, max: 30 * 24 * HOUR, example: '1h'}).describe('The longest rest.'),
    timeout: freeDuration({min: SECOND, max: 24 * HOUR, example: '60s'}).describe(
      'How long it may take, login included; then it is told to stop.',
    ),
    approve: z.boolean().meta({default: false}).describe('True: an admin is asked before each attempt.'),
    window: z.string().min(1).describe('The name of one of `time_intervals`: it runs by itself only inside.'),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), z.string())
      .describe('Variables of its environment. No place for secrets: whoever is logged in on a host can see them.'),
    dry_run: z
      .boolean()
      .meta({default: false})
      .describe('True: it is told and logged what would run, and nothing runs.'),
  })
  .partial();

type HostKeys = z.output<typeof host>;
type RecoveryKeys = z.output<typeof recovery>;

export function hostsOf(hosts: Record<string, HostKeys> | undefined, file: string): ReadonlyMap<string, HostConfig> {
  const patterns = marked(z.record(z.string(), host), 'path');
  const entries = Object.entries(resolvePaths(hosts ?? {}, patterns, file));
  return new Map(entries.map(([name, keys]) => [name, hostOf(name, keys)]));
}

function hostOf(name: string, {private_key, known_hosts, ...keys}: HostKeys): HostConfig {
  const {password, passphrase, agent, fingerprint, jump} = keys;
  return {
    ...{name, host: keys.host, port: keys.port, user: keys.user},
    ...(password !== undefined && {password}),
    ...(private_key !== undefined && {privateKey: private_key}),
    ...(passphrase !== undefined && {passphrase}),
    ...(agent !== undefined && {agent}),
    ...(known_hosts !== undefined && {knownHosts: known_hosts}),
    ...(fingerprint !== undefined && {fingerprint}),
    ...(jump !== undefined && {jump}),
  };
}

/** `strike` takes out of a command what people must not read. */
export function recoveryOf(
  keys: RecoveryKeys | undefined,
  check: Pick<CheckConfig, 'intervalMs' | 'failAfter'>,
  strike: Redact,
): RecoveryConfig | undefined {
  if (!keys) return undefined;
  const {exec, window, command: shellLine = ''} = keys;
  return {
    host: keys.host ?? LOCAL,
    command: strike(exec?.join(' ') ?? shellLine),
    shellLine,
    ...(exec && {exec}),
    isLocal: exec !== undefined,
    afterFailures: keys.after_failures ?? check.failAfter,
    maxAttempts: keys.max_attempts ?? DEFAULTS.maxAttempts,
    intervalMs: check.intervalMs,
    backoffFactor: keys.backoff_factor ?? DEFAULTS.backoffFactor,
    maxIntervalMs: keys.max_interval ?? DEFAULTS.maxIntervalMs,
    timeoutMs: keys.timeout ?? DEFAULTS.timeoutMs,
    approve: keys.approve ?? false,
    ...(window !== undefined && {window}),
    env: keys.env ?? {},
    dryRun: keys.dry_run ?? false,
  };
}

interface Names {
  readonly hosts: ReadonlySet<string>;
  readonly windows: ReadonlySet<string>;
}

/** Reports jump hosts that nobody defines, circles of them, and the one name that is taken. Takes them as read. */
export function checkHosts(hosts: unknown, report: Report): void {
  if (typeof hosts !== 'object' || hosts === null || Array.isArray(hosts)) return;
  const jumps = new Map(Object.entries(hosts).map(([name, keys]) => [name, jumpOf(keys)]));
  for (const [name, jump] of jumps) {
    const path = ['hosts', name];
    if (name === LOCAL)
      report.problem(path, `expected another name: ${LOCAL} means this server, for what runs by exec`, 'key');
    expectName(jump, [...path, 'jump'], {kind: 'host', names: new Set(jumps.keys())}, report);
    if (leadsBack(name, jumps))
      report.problem([...path, 'jump'], 'expected a way that does not lead back here; change it, or remove it');
  }
}

function jumpOf(keys: unknown): unknown {
  return typeof keys === 'object' && keys !== null ? Reflect.get(keys, 'jump') : undefined;
}

function leadsBack(name: string, jumps: ReadonlyMap<string, unknown>): boolean {
  let next = jumps.get(name);
  for (let steps = 0; typeof next === 'string' && steps < jumps.size; steps++) {
    if (next === name) return true;
    next = jumps.get(next);
  }
  return false;
}

/** Reports hosts and windows that a recovery names and nobody defines, and one that does not say what to run, or where. */
export function checkRecovery(given: unknown, path: readonly PropertyKey[], names: Names, report: Report): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return;
  const {host, command, exec, window}: Partial<Record<string, unknown>> = {...given};
  expectName(host, [...path, 'host'], {kind: 'host', names: names.hosts}, report);
  expectName(window, [...path, 'window'], {kind: 'window', names: names.windows}, report);
  const wrong = whatWords(host !== undefined, command !== undefined, exec !== undefined);
  if (wrong !== undefined) report.problem(path, wrong, 'key');
}

function whatWords(hasHost: boolean, hasCommand: boolean, hasExec: boolean): string | undefined {
  if (hasExec && (hasHost || hasCommand))
    return 'expected either host and command, or exec, found both; remove exec to run it on the host';
  if (hasExec || (hasHost && hasCommand)) return undefined;
  if (hasHost) return 'expected host and command, found no command; add what to run on the host';
  if (hasCommand)
    return 'expected host and command, found no host; add the name of one of hosts, or write exec for this server';
  return 'expected host and command, or exec, found neither; add what to run';
}

/** Says when a recovery cannot run as early, or rest as long, as it says. */
export function warnOfRecovery({name, failAfter, recovery}: CheckConfig, report: Report): void {
  if (!recovery) return;
  const path = ['checks', name, 'recovery'];
  const {afterFailures, maxIntervalMs, intervalMs, backoffFactor} = recovery;
  if (afterFailures < failAfter)
    report.warn([...path, 'after_failures'], `the check is down after ${failAfter} failures; it runs then, not before`);
  if (maxIntervalMs < intervalMs && backoffFactor > 1)
    report.warn(
      path,
      `max_interval is shorter than the check's ${formatDuration(intervalMs)}; it rests for that`,
      'key',
    );
}
