import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {folderWith, vakhta} from './shell.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** A Friday. */
export const NINE = Date.parse('2026-11-20T09:00:00Z');

const USERS = `
users:
  42: {name: Boris, role: operator}
  7: {name: Vera, role: viewer}
`;
const CHANNELS = `
timezone: UTC
channels: {ops: {type: console}, lead: {type: console}}
`;
export const HEAD = USERS + CHANNELS;

export const iso = (at: number) => new Date(at).toISOString();

/** One observation for each mark, `every` apart: `x` failed, `.` ok, `?` inconclusive. */
export function marks(check: string, text: string, from = NINE, every = MINUTE): object[] {
  return [...text].map((mark, index) => ({
    at: iso(from + index * every),
    check,
    ...(mark === '?' ? {inconclusive: true} : {ok: mark === '.'}),
    ...(mark === 'x' && {reason: 'HTTP 503'}),
  }));
}

export const order = (at: number, command: string, user = 42) => ({at: iso(at), command, user});

export interface Line {
  readonly at: string;
  readonly kind: string;
  readonly check?: string;
  readonly target?: string;
  readonly channel?: string;
  readonly reason?: string;
  readonly checks?: readonly string[];
  readonly text?: string;
  readonly user?: number;
}

/** The inputs are sorted by time, those of one time stay as they are. */
export async function simulate(
  context: TestContext,
  use: {config: string; inputs: readonly object[]; words?: readonly string[]; users?: string},
): Promise<Line[]> {
  const {config, inputs, words = [], users = USERS} = use;
  const sorted = inputs
    .map((input) => ({input, at: 'at' in input ? String(input.at) : ''}))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const text = sorted.map(({input}) => `${JSON.stringify(input)}\n`).join('');
  const to = config.includes('alerts:') ? '' : 'alerts: {to: [ops]}\n';
  const cwd = folderWith(context, {'config.yaml': users + CHANNELS + to + config, 'seen.jsonl': text});
  const {code, stdout, stderr} = await vakhta(['simulate', '--observations', 'seen.jsonl', ...words], {cwd});
  assert.deepEqual([code, stderr], [0, '']);
  return parse(stdout);
}

export function parse(stdout: string): Line[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Line);
}

/** `09:02:00 message ops first: api`, without edits; what happened without when. */
export function told(lines: readonly Line[]): string[] {
  return lines.filter(({kind}) => kind !== 'edit').map(short);
}

export function short({at, kind, channel, reason, checks, check, target, user}: Line): string {
  const time = at.slice(11, 19);
  if (kind === 'message' || kind === 'edit') return `${time} ${kind} ${channel} ${reason}: ${checks?.join(' ')}`;
  const what = [check, target, user].filter((part) => part !== undefined).join(' ');
  return `${time} ${kind}${reason === undefined ? '' : ` ${reason}`} ${what}`;
}

/** Only what rings. */
export const rung = (lines: readonly Line[]) => told(lines.filter(({kind}) => kind === 'message'));
export const quiet = (lines: readonly Line[]) => told(lines.filter(({kind}) => kind === 'held' || kind === 'dropped'));

export const API = "{type: http, url: 'http://127.0.0.1:1/', fail_after: 2, recover_after: 1";
