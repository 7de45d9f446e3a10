import {didYouMean} from '../config/suggest.ts';
import type {Observation} from '../state/vocabulary.ts';
import {parseInstant} from './instant.ts';

/** What a line of a simulation's input says. */
export type Input =
  | {readonly kind: 'observation'; readonly at: number; readonly observation: Observation}
  | {readonly kind: 'command'; readonly at: number; readonly text: string; readonly user: number};

/** The checks that a line may name, and the targets of each; an empty set for a check without targets. */
export type Known = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads lines of JSON in time order; what is wrong with one comes back as a sentence with its cure. */
export function createReader(known: Known): (line: string) => Input | string {
  let last = Number.NEGATIVE_INFINITY;
  const parseTime = createTimeParser();
  return (line) => {
    const object = parseObject(line);
    if (object === undefined) return `expected one JSON object such as ${EXAMPLE}`;
    const at = parseTime(object.at);
    if (typeof at === 'string') return `at: expected ${at}`;
    if (at < last) return `at: ${object.at} is before the line above it; sort the lines by time`;
    const input = object.command === undefined ? readObservation(object, at, known) : readCommand(object, at);
    if (typeof input !== 'string') last = at;
    return input;
  };
}

const EXAMPLE = '{"at": "2026-11-20T09:00:00Z", "check": "api", "ok": false, "reason": "HTTP 503"}';
const OBSERVATION_KEYS = ['at', 'check', 'target', 'ok', 'inconclusive', 'reason'];
const COMMAND_KEYS = ['at', 'command', 'user'];

type Line = Readonly<Record<string, unknown>>;

function parseObject(line: string): Line | undefined {
  try {
    const parsed = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of one round of checks often have the same time. */
function createTimeParser(): (value: unknown) => number | string {
  let before: unknown;
  let at = parseTime(before);
  return (value) => {
    if (value !== before) at = parseTime(value);
    before = value;
    return at;
  };
}

function parseTime(value: unknown): number | string {
  return parseInstant(typeof value === 'string' ? value : '', show(value));
}

function readObservation(line: Line, at: number, known: Known): Input | string {
  const {check, target, ok, inconclusive, reason = ''} = line;
  const stray = strayKey(line, OBSERVATION_KEYS);
  if (stray !== undefined) return stray;
  if (check === undefined) return checkMissing(known);
  const targets = typeof check === 'string' ? known.get(check) : undefined;
  if (typeof check !== 'string' || !targets) return `check: no check is called ${named(check, known.keys())}`;
  const problem = targetProblem(check, target, targets) ?? resultProblem(ok, inconclusive);
  if (problem !== undefined) return problem;
  if (typeof reason !== 'string') return `reason: expected a text such as "HTTP 503", got ${show(reason)}`;
  const result = inconclusive === true ? 'inconclusive' : ok === true ? 'ok' : 'failed';
  const subject = typeof target === 'string' ? {target} : {};
  return {kind: 'observation', at, observation: {check, ...subject, at, result, reason, latencyMs: 0}};
}

function checkMissing(known: Known): string {
  const [example = 'api'] = known.keys();
  return `check: this key is missing: add "check": ${show(example)}, or "command" for an order`;
}

function targetProblem(check: string, target: unknown, targets: ReadonlySet<string>): string | undefined {
  if (targets.size === 0) {
    return target === undefined ? undefined : `target: ${check} has no targets; leave the key out`;
  }
  if (target === undefined) return `target: ${check} has targets; add the one that this is about`;
  if (typeof target === 'string' && targets.has(target)) return undefined;
  return `target: ${check} has no target ${named(target, targets)}`;
}

function resultProblem(ok: unknown, inconclusive: unknown): string | undefined {
  if (inconclusive === true && ok === undefined) return undefined;
  if (inconclusive !== undefined) return 'inconclusive: expected true, and no ok beside it';
  if (ok === undefined) return 'ok: this key is missing: add "ok": true, "ok": false or "inconclusive": true';
  return typeof ok === 'boolean' ? undefined : `ok: expected true or false, got ${show(ok)}`;
}

function readCommand(line: Line, at: number): Input | string {
  const {command: text, user} = line;
  const stray = strayKey(line, COMMAND_KEYS);
  if (stray !== undefined) return stray;
  if (typeof text !== 'string' || !/^\/\w/.test(text)) {
    return `command: expected a command such as "/ack api", got ${show(text)}`;
  }
  if (typeof user === 'number' && Number.isSafeInteger(user)) return {kind: 'command', at, text, user};
  return `user: expected the numeric Telegram id of who gives the command, got ${show(user)}`;
}

function strayKey(line: Line, expected: readonly string[]): string | undefined {
  for (const key in line) {
    if (!expected.includes(key))
      return `${key}: unknown key${didYouMean(key, expected) || `; expected ${expected.join(', ')}`}`;
  }
  return undefined;
}

function named(name: unknown, known: Iterable<string>): string {
  return typeof name === 'string' ? clipped(name) + didYouMean(name, known) : show(name);
}

const SHOWN_UNITS_MAX = 80;

/** As JSON, since "42" is wrong where 42 is right. */
function show(value: unknown): string {
  return value === undefined ? 'nothing' : clipped(JSON.stringify(value));
}

function clipped(text: string): string {
  return text.length > SHOWN_UNITS_MAX ? `${text.slice(0, SHOWN_UNITS_MAX - 1)}…` : text;
}
