import type {NoticeCode} from '../../../state/vocabulary.ts';
import {numbersIn} from '../numbers.ts';

const {count, form, number} = numbersIn('en');

export const card = {
  isDown: 'is down',
  recoveredAfter: (duration: string) => `recovered after ${duration}`,
  removedAfter: (duration: string) => `left the configuration after ${duration} of being down`,
  failuresSince: (failures: number, time: string) =>
    `${count(failures, {one: 'failure', other: 'failures'})}, down since ${time}`,
  downFromTo: (from: string, to: string) => `Down from ${from} to ${to}`,
  targetsDown: (down: number, of: number) =>
    `${number(down)} of ${count(of, {one: 'target', other: 'targets'})} ${form(down, {one: 'is', other: 'are'})} down:`,
  moreTargets: (left: number) => `… and ${number(left)} more`,
  was: (reason: string) => `It was: ${reason}`,
  acknowledgedBy: (name: string, time: string) => `Acknowledged by ${name} at ${time}`,
  acknowledgedUntil: (time: string) => `until ${time}`,
  delayed: (duration: string) => `This channel could not be reached; the oldest news is ${duration} late.`,
  broken: (checks: number) =>
    checks === 0 ? 'Nothing of this is broken now' : `${count(checks, {one: 'check is', other: 'checks are'})} down`,
  cutOff: (server: string) => `${server} is cut off: none of its guards answers, so other failures are not counted`,
  sinceTime: (time: string) => `since ${time}`,
  missed: (list: string) => `Broke and recovered meanwhile: ${list}`,
  moreIncidents: (left: number) => `… and ${number(left)} more`,
  acknowledge: 'Acknowledge',
  recover: 'Run recovery…',
  acknowledgeAll: (free: number) => `Acknowledge all ${number(free)}`,
  details: 'Details',
};

export const recovery = {
  isBack: (duration: string) => `is back after ${duration}`,
  removed: 'is no longer watched',
};

export const reminder = {
  stillDown: (duration: string) => `is still down, for ${duration}`,
};

export const flapping = {
  started: 'is flapping: no more messages of it until that ends',
  ended: (duration: string, isDown: boolean) => `stopped flapping after ${duration}; it is ${isDown ? 'down' : 'fine'}`,
};

export const mark = {
  repeated: '(repeated)',
  late: (duration: string) => `(sent ${duration} late)`,
};

export const system = {
  title: 'System info',
  server: 'Server',
  address: 'Address',
  os: 'OS',
  uptime: 'Uptime',
  load: 'Load (1, 5, 15 min)',
};

export const notice: Record<NoticeCode, (detail: string) => string> = {
  store_damaged: (detail) => `A database file was damaged and has been set aside: ${detail}`,
  store_in_memory: (detail) =>
    `The data folder cannot be written (${detail}). Checks and alerts go on from memory; a restart would forget what happens now.`,
  store_back_on_disk: () => 'The data folder can be written again; everything is on the disk.',
  history_failed: (detail) => `The history cannot be written: ${detail}`,
  channel_dead: (detail) => `A channel refuses messages: ${detail}`,
  not_listening: (detail) =>
    `The HTTP server cannot listen on ${detail}. It is tried again every 10 s; until then no heartbeat can come in.`,
  config_reloaded: (detail) => `The configuration was read again: ${detail}`,
  config_refused: (detail) => `The changed configuration has mistakes; the former one goes on.\n${detail}`,
  rolled_out: (detail) => {
    const [version, orders] = detail.split('\n');
    return `Vakhta ${version} runs here now${orders ? `; orders are taken by ${orders}` : ''}`;
  },
};
