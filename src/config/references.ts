import {parseDuration} from '../checks/duration.ts';
import type {Report} from './report.ts';
import {didYouMean} from './suggest.ts';

export interface Names {
  readonly channels: ReadonlySet<string>;
  readonly windows: ReadonlySet<string>;
  /** Of people who take turns at being on call. */
  readonly rotations: ReadonlySet<string>;
}

/**
 * Reports channels and windows that an `alerts` block names and nobody defines, and steps of an escalation that are out of
 * order. Takes the block as read, right or wrong.
 */
export function checkAlertNames(alerts: unknown, prefix: readonly PropertyKey[], names: Names, report: Report): void {
  if (typeof alerts !== 'object' || alerts === null) return;
  const {to, fallback, window, escalate}: Partial<Record<string, unknown>> = {...alerts};
  const channels: Known = {kind: 'channel', names: names.channels};
  expectNames(to, [...prefix, 'to'], channels, report);
  expectName(fallback, [...prefix, 'fallback'], channels, report);
  expectName(window, [...prefix, 'window'], {kind: 'window', names: names.windows}, report);
  let latest = -1;
  for (const [index, step] of Array.isArray(escalate) ? escalate.entries() : []) {
    if (typeof step !== 'object' || step === null) continue;
    const path = [...prefix, 'escalate', index];
    checkStepNames(Reflect.get(step, 'to'), [...path, 'to'], names, report);
    const after: unknown = Reflect.get(step, 'after');
    const ms = typeof after === 'string' ? parseDuration(after) : undefined;
    if (ms === undefined) continue;
    if (ms <= latest)
      report.problem([...path, 'after'], 'expected a longer time than in the step before; put it in order');
    latest = Math.max(latest, ms);
  }
}

/** Channels, `oncall` and `oncall:NAME`: one of them, or a list. A channel may be called oncall where nobody is on call. */
function checkStepNames(to: unknown, path: readonly PropertyKey[], names: Names, report: Report): void {
  const {channels, rotations} = names;
  const words = new Set(rotations.size > 0 ? ['oncall'] : []);
  for (const [index, name] of [to].flat().entries()) {
    if (typeof name !== 'string' || channels.has(name) || !/^oncall(?::|$)/.test(name)) continue;
    const place = Array.isArray(to) ? [...path, index] : path;
    words.add(name);
    if (name !== 'oncall')
      expectName(name.slice('oncall:'.length), place, {kind: 'rotation', names: rotations}, report);
    else if (rotations.size === 0)
      report.problem(place, 'expected somebody to be on call; define a rotation under oncall');
  }
  const known: Known = {kind: 'channel', names: new Set([...channels, ...words])};
  if (Array.isArray(to)) expectNames(to, path, known, report);
  else expectName(to, path, known, report);
}

/** The names that a word of the file may be one of. */
export interface Known {
  readonly kind: 'channel' | 'window' | 'check' | 'group' | 'host' | 'rotation';
  readonly names: ReadonlySet<string>;
}

/** Reports groups of people that no check is in. Takes the people as read, right or wrong. */
export function checkUserGroups(users: unknown, groups: ReadonlySet<string>, report: Report): void {
  if (typeof users !== 'object' || users === null) return;
  for (const [id, user] of Object.entries(users)) {
    if (typeof user !== 'object' || user === null) continue;
    expectNames(Reflect.get(user, 'groups'), ['users', id, 'groups'], {kind: 'group', names: groups}, report);
  }
}

/** A list of names, each of them once. */
export function expectNames(list: unknown, path: readonly PropertyKey[], known: Known, report: Report): void {
  if (!Array.isArray(list)) return;
  const met = new Set<unknown>();
  for (const [index, name] of list.entries()) {
    expectName(name, [...path, index], known, report);
    if (typeof name === 'string' && met.has(name))
      report.problem([...path, index], `expected each ${known.kind} once, found this one twice; remove one`);
    met.add(name);
  }
}

/** What is no text is somebody else's to report. */
export function expectName(name: unknown, path: readonly PropertyKey[], {kind, names}: Known, report: Report): void {
  if (typeof name !== 'string' || names.has(name)) return;
  const nearest = report.isFull() ? '' : didYouMean(name, names);
  const mend = nearest || `; define it under ${PLACES[kind]}${orOneOf(names)}`;
  report.problem(path, `expected the name of a ${kind}, got ${JSON.stringify(name.slice(0, 64))}${mend}`);
}

/** `, or take one of: a, b`: the first of the names that there are. */
export function orOneOf(names: ReadonlySet<string>): string {
  return names.size > 0 ? `, or take one of: ${[...names].slice(0, NAMES_MAX).join(', ')}` : '';
}

const NAMES_MAX = 10;
const PLACES = {
  channel: 'channels',
  window: 'time_intervals',
  check: 'checks',
  group: 'a check, as its group',
  host: 'hosts',
  rotation: 'oncall',
};
