import {dirname, normalize, resolve} from 'node:path';
import {kinds} from '../checks/index.ts';
import {parseWindow, type Window} from '../state/windows.ts';
import {assemble} from './assemble.ts';
import {channelsOf} from './channels.ts';
import {readChecks} from './checks.ts';
import type {Config} from './config.ts';
import {checkDependencies, type RawChecks} from './dependencies.ts';
import {parseText} from './document.ts';
import {type FromEnvironment, readEnvironment} from './environment.ts';
import {validate} from './explain.ts';
import {configKeys} from './keys.ts';
import {checkMaintenance, groupsOf} from './maintenance.ts';
import {checkOncall} from './oncall.ts';
import type {Problem} from './problems.ts';
import {readText} from './read.ts';
import {checkHosts, checkRecovery} from './recovery.ts';
import {createRedact} from './redact.ts';
import {checkAlertNames, checkUserGroups} from './references.ts';
import {createReport, type Report} from './report.ts';
import {createSecretReader, REDACTED_CHARS_MIN, secretPatterns} from './secrets.ts';
import {isTimezone, machineTimezone} from './timezone.ts';

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      /** What the log must blot out: 6 characters or more each. */
      readonly secrets: readonly string[];
      /** What is allowed, and probably not meant. */
      readonly warnings: readonly Problem[];
    }
  | {readonly ok: false; readonly problems: readonly Problem[]};

/**
 * Reads config.yaml and all that it names. Never throws for what a file says: all that is wrong comes back at once. `now` is
 * the time (epoch milliseconds) for warnings of what never comes again.
 */
export function loadConfig(file: string, env: NodeJS.ProcessEnv, now: number): LoadedConfig {
  const shown = normalize(file);
  const text = readText(file, 'the config file');
  if (!text.ok)
    return {ok: false, problems: [{file: shown, line: text.line, col: text.col, path: '', message: text.message}]};
  const reader = createSecretReader(env, resolve(dirname(file)), SECRET_PATHS);
  const parsed = parseText(text.text, reader.read);
  const report = createReport(shown, parsed, reader.filled);
  if (!parsed.whole) return {ok: false, problems: report.problems()};
  const tree = asRoot(parsed.tree, report);
  if (!tree) return {ok: false, problems: report.problems()};

  const keys = validate(configKeys, {prefix: [], input: tree, reader});
  for (const {path, message, part} of keys.ok ? [] : keys.explained) report.problem(path, message, part);
  const checks = readChecks(tree.checks, {file: shown, report, reader});
  const fallback = tree.telegram === undefined ? readEnvironment(env, hasEntries(tree.channels), report) : {};
  for (const secret of fallback.secrets ?? []) reader.add(secret);
  const windows = readWindows(tree, report);
  checkReferences(tree, fallback, report);
  if (!keys.ok || report.hasProblems()) return {ok: false, problems: report.problems()};
  const channels = channelsOf(keys.value.channels, fallback, shown);
  const filled = [...reader.filled].filter(({length}) => length >= REDACTED_CHARS_MIN);
  const strike = createRedact([...reader.secrets(), ...filled]);
  const config = assemble({file: shown, keys: keys.value, checks, windows, fallback, channels, report, strike, now});
  if (report.hasProblems()) return {ok: false, problems: report.problems()};
  return {ok: true, config, secrets: reader.secrets(), warnings: report.warnings()};
}

/** Where secrets stand, at the top and in every kind of check. */
const SECRET_PATHS = [
  ...secretPatterns(configKeys),
  ...[...kinds.values()].flatMap(({options}) => secretPatterns(options).map((path) => ['checks', '*', ...path])),
];

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasEntries = (value: unknown) => isMap(value) && Object.keys(value).length > 0;

/** The top of the file. A block whose lines are all commented out reads as null, and is as good as absent. */
function asRoot(tree: unknown, report: Report): Record<string, unknown> | undefined {
  if (tree === null || tree === undefined)
    report.problem([], 'expected keys and values, found an empty file; it needs at least checks: with one check in it');
  else if (!isMap(tree))
    report.problem([], 'expected a map such as "checks:" at the top of the file, found something else');
  if (!isMap(tree)) return undefined;
  return Object.fromEntries(Object.entries(tree).filter(([key, value]) => value !== null || key === 'checks'));
}

/** `Local` in a window is the config's own zone. */
function readWindows({time_intervals, timezone}: Record<string, unknown>, report: Report): ReadonlyMap<string, Window> {
  const localZone = typeof timezone === 'string' && isTimezone(timezone) ? timezone : machineTimezone();
  const windows = new Map<string, Window>();
  const names = new Set<unknown>();
  for (const [index, input] of Array.isArray(time_intervals) ? time_intervals.entries() : []) {
    const path = ['time_intervals', index];
    const parsed = parseWindow(input, {localZone});
    if (parsed.ok) windows.set(parsed.window.name, parsed.window);
    else for (const problem of parsed.problems) report.problem([...path, ...problem.path], problem.message);
    const name: unknown = isMap(input) ? input.name : undefined;
    if (names.has(name)) report.problem([...path, 'name'], 'expected another name, found this one a second time');
    if (name !== undefined) names.add(name);
  }
  return windows;
}

/** Compares with the names as they stand in the file, so that one mistake is not reported twice. */
function checkReferences(tree: Record<string, unknown>, fallback: FromEnvironment, report: Report): void {
  const intervals: readonly unknown[] = Array.isArray(tree.time_intervals) ? tree.time_intervals : [];
  const windows = new Set(intervals.flatMap((one) => (isMap(one) && typeof one.name === 'string' ? one.name : [])));
  const named = isMap(tree.channels) ? tree.channels : {};
  const channels = new Set([...Object.keys(named), ...(hasEntries(named) ? [] : channelsOf({}, fallback).keys())]);
  const people = isMap(tree.users) ? Object.keys(tree.users) : [];
  const users = new Set([...people, ...(fallback.admin ? [String(fallback.admin.id)] : [])]);
  checkOncall(tree.oncall, {users, channels}, report);
  const rotations = new Set(isMap(tree.oncall) ? Object.keys(tree.oncall) : []);
  const known = {channels, windows, rotations};
  checkAlertNames(tree.alerts, ['alerts'], known, report);
  checkHosts(tree.hosts, report);
  const hosts = new Set(isMap(tree.hosts) ? Object.keys(tree.hosts) : []);
  for (const [name, check] of Object.entries(isMap(tree.checks) ? tree.checks : {})) {
    if (!isMap(check)) continue;
    checkAlertNames(check.alerts, ['checks', name, 'alerts'], known, report);
    checkRecovery(check.recovery, ['checks', name, 'recovery'], {hosts, windows}, report);
  }
  if (isMap(tree.checks)) {
    const checks: RawChecks = new Map(
      Object.entries(tree.checks).map(([name, check]) => [name, isMap(check) ? check : {}]),
    );
    checkDependencies(tree.guard, checks, report);
    checkMaintenance(tree.maintenance, {checks, windows}, report);
    checkUserGroups(tree.users, groupsOf(checks), report);
  }
  if (tree.telegram !== undefined || fallback.telegram) return;
  for (const [name, channel] of Object.entries(named))
    if (isMap(channel) && channel.type === 'telegram')
      report.problem(['channels', name], 'a channel of type telegram needs a bot: add telegram: with its token', 'key');
}
