import type {HoldReason} from '../../../state/vocabulary.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('en');
const CHECKS = {one: 'check', other: 'checks'};
const TARGETS = {one: 'target', other: 'targets'};

export const status = {
  allWell: (checks: number) => (checks === 1 ? 'The one check is fine' : `All ${count(checks, CHECKS)} are fine`),
  problems: (bad: number, of: number) => `${number(bad)} of ${count(of, CHECKS)} down`,
  unknown: 'not run yet',
  soft: (errors: number, failAfter: number) => `failure ${number(errors)} of ${number(failAfter)}`,
  inconclusive: 'inconclusive',
  downTargets: (down: number, of: number) => `${number(down)} of ${count(of, TARGETS)} down`,
  okTargets: (ok: number, of: number) => `${number(ok)} of ${count(of, TARGETS)}`,
  more: (left: number) => `… and ${number(left)} more`,
  undelivered: (messages: number, duration: string) =>
    `${count(messages, {one: 'message waits', other: 'messages wait'})} to be delivered, the oldest for ${duration}`,
  deadChannel: (channel: string, reason: string) => `Channel ${channel} refuses messages: ${reason}`,
  noCheck: (name: string) => `No check is called ${name}.`,
  flapping: 'flapping',
  group: (name: string, fine: number, of: number) => `${name}: ${number(fine)} of ${number(of)} fine`,
  noGroup: 'without a group',
  held: {
    outside_window: 'outside its window',
    silenced: 'silenced',
    maintenance: 'in maintenance',
    parent_down: 'its parent is down',
    flapping: 'flapping',
  } satisfies Record<HoldReason, string>,
};

export const board = {
  changed: (time: string) => `Last change ${time}`,
  ended: 'This overview is no longer kept up to date.',
};

export const order = {
  unknown: (name: string) => `There is no command /${name}. /help lists them.`,
  notForYou: (role: string) => `This needs the role ${role}.`,
  /** What follows a command's name: only the parts that stand for something are translated. */
  arguments: (usage: string) => usage,
  usage: (usage: string) => `Usage: ${usage}`,
  example: (example: string) => `For example: ${example}`,
  noTime: (text: string) => `${text} is no time; write it as 30m, 2h, 1h30m or 1d.`,
  which: (names: string) => `Which one? ${names}`,
  moreLetters: (left: number) => `… and ${number(left)} more: type more letters`,
  internal: 'That did not work; the log has the reason.',
};

export const ack = {
  /** `until` is empty, or one of `acknowledgedUntil`. */
  done: (check: string, until: string) => `Acknowledged: ${check}${until && `, ${until}`}`,
  notDown: (check: string) => `${check} is not down; there is nothing to acknowledge.`,
  already: (check: string, name: string, until: string) =>
    `${check} is acknowledged by ${name} already; now by you${until && `, ${until}`}.`,
  nothing: 'Nothing is down.',
  noneLeft: 'None of these is left to acknowledge.',
  notAcknowledged: (check: string) => `${check} is not acknowledged.`,
  takenBack: (check: string) => `No longer acknowledged: ${check}`,
};

export const silence = {
  kind: {silence: 'silence', maintenance: 'maintenance'},
  done: (kind: 'silence' | 'maintenance', what: string, checks: number, end: string) =>
    `${kind === 'silence' ? 'Silenced' : 'In maintenance'}: ${what} (${count(checks, CHECKS)}), ${end}`,
  untilRecovered: 'until it has recovered',
  matchesNothing: (what: string) => `${what} matches no check.`,
  nothingDown: (what: string) => `Nothing of ${what} is down; give a time such as 2h.`,
  none: 'Nothing is silenced.',
  noSuch: (what: string) => `There is no silence ${what}; /silences lists them.`,
  ended: (what: string) => `No longer silenced: ${what}`,
  end: (what: string) => `End ${what}`,
  howLong: (what: string) => `For how long is ${what} to be silent?`,
};

export const reload = {
  begun: 'Reading the configuration again.',
};

export const language = {
  now: 'You are answered in English.',
  chosen: 'From now on you are answered in English.',
  /** In the language that it came to. */
  auto: 'From now on the language follows the chat: English.',
};

export const button = {
  expired: 'This button is no longer good.',
  used: 'This button has been pressed already.',
  notYours: 'This button is for somebody else.',
};

export const confirm = {
  really: (order: string) => `Really ${order} ?`,
  yes: 'Yes',
  no: 'No',
  /** `yes` itself is typed in every language. */
  typeYes: (duration: string) => `Type yes within ${duration}.`,
  dropped: 'Nothing was done.',
};

export const whoami = {
  you: (name: string, id: number, role: string) => `${name}, id ${id}, role ${role}`,
  console: 'You sit at the console: role admin',
  chat: (id: number) => `This chat: ${id}`,
  thread: (id: number) => `This topic: ${id}`,
};

export const version = {
  orders: (server: string) => `Orders are taken by ${server}`,
};
