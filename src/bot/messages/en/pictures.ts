import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('en');

export const graph = {
  mean: (mean: string, most: string) => `Mean ${mean}, at most ${most}`,
  runs: (ok: number, of: number, percent: string) =>
    `${number(ok)} of ${count(of, {one: 'run was', other: 'runs were'})} good: ${percent}`,
  limit: {
    expect: (span: string) => `Fails from ${span} on`,
    timeout: (span: string) => `Fails after ${span} without an answer`,
  },
  available: (percent: string) => `Available: ${percent}`,
  worstHour: (time: string, percent: string) => `Worst hour: ${time}, ${percent}`,
  noData: (check: string) => `Nothing is known of ${check} in this time yet.`,
  ofTargets: 'Add a target to see its latency.',
  notDrawn: 'The picture could not be drawn; the log has the reason.',
  span: (days: number) => (days === 1 ? '24 h' : `${number(days)} days`),
};

export const report = {
  title: {day: 'The last 24 hours', week: 'The last 7 days', month: 'The last 30 days'},
  button: {day: 'Day', week: 'Week', month: 'Month'},
  figures: (percent: string, incidents: number) =>
    `Available ${percent}, ${count(incidents, {one: 'incident', other: 'incidents'})}`,
  longest: (duration: string) => `Longest outage: ${duration}`,
  acknowledge: (duration: string) => `Mean time to acknowledge: ${duration}`,
  recover: (duration: string) => `Mean time to recover: ${duration}`,
  heads: {check: 'check', longest: 'longest'},
  more: (left: number) => `… and ${number(left)} more`,
  noData: 'Nothing is known of this time yet.',
};

/** What stands in pictures. Their font has Latin, Greek and Cyrillic letters: a language of other letters takes English here. */
export const picture = {
  last: (days: number) => (days === 1 ? 'last 24 hours' : `last ${number(days)} days`),
  byHour: 'good runs by hour',
  timeByHour: 'time without an incident by hour',
  mean: 'mean',
  leastToMost: 'least to most',
  failed: 'failed',
  down: 'down',
  planned: 'maintenance',
  noData: 'no data',
  limit: {expect: (span: string) => `limit ${span}`, timeout: (span: string) => `timeout ${span}`},
  good: 'fine',
  shaky: 'failing',
  unknown: 'not run yet',
  targetsDown: (down: number, of: number) => `${number(down)} of ${count(of, {one: 'target', other: 'targets'})} down`,
  cell: (targets: number) => `One cell is ${number(targets)} targets, and shows the worst of them`,
  report: {day: 'Report of 24 hours', week: 'Report of 7 days', month: 'Report of 30 days'},
  checks: (checks: number) => count(checks, {one: 'check', other: 'checks'}),
  available: 'available',
  incidents: 'incidents',
  acknowledge: 'to acknowledge',
  recover: 'to recover',
  longest: 'longest',
  more: (left: number) => `… and ${number(left)} more`,
};
