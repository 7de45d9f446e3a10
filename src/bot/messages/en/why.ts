import type {HoldReason, Result, Verdict} from '../../../state/vocabulary.ts';
import {numbersIn} from '../numbers.ts';

const {count, percent: percentOf} = numbersIn('en');

export const why = {
  fineSince: (time: string) => `Fine since ${time}`,
  downSince: (time: string) => `Down since ${time}`,
  counter: (errors: number, failAfter: number, successes: number, recoverAfter: number) =>
    `Counter: ${count(errors, {one: 'failure', other: 'failures'})} (down at ${failAfter}), ` +
    `${successes} of ${count(recoverAfter, {one: 'ok', other: 'oks'})} to recover`,
  lastRun: (result: Result, time: string, reason: string) =>
    `Last run at ${time}: ${result}${reason === '' ? '' : `, ${reason}`}`,
  brokeWith: (reason: string) => `It broke with: ${reason}`,
  window: (name: string, isOpen: boolean, end: string) => `Window ${name}: ${isOpen ? 'open' : 'closed'}, ${end}`,
  noWindow: 'Window: none, always open',
  until: (time: string) => `until ${time}`,
  noEnd: 'with no end in sight',
  planned: (end: string) => `Planned maintenance, ${end}`,
  silence: (kind: string, what: string, end: string, name: string, reason: string) =>
    `A ${kind} of ${what} by ${name}, ${end}${reason === '' ? '' : `: ${reason}`}`,
  parent: (name: string, isDown: boolean) => `${name} (${isDown ? 'down' : 'fine'})`,
  parents: (list: string) => `Depends on: ${list}`,
  changing: (percent: number, since: string | undefined) =>
    `Results change by ${percentOf(percent)}${since === undefined ? '' : `, flapping since ${since}`}`,
  /** The words of the log and of `simulate`, so that they can be looked up; other languages put theirs beside them. */
  decided: (decision: Verdict['decision'], reason: Verdict['reason'], time: string) =>
    `Last decision: ${decision} ${reason}, at ${time}`,
  undecided: 'Last decision: none so far',
  wouldHold: (reason: HoldReason, time: string | undefined) =>
    `News are held now: ${reason}${time === undefined ? '' : `, until ${time}`}`,
  recovery: (attempts: number, of: number) => `Recovery: ${attempts} of ${of} attempts made`,
  recoveryRests: (time: string) => `The next attempt comes not before ${time}`,
  reminder: (time: string) => `Next reminder at ${time}`,
  escalation: (time: string, list: string) => `Next escalation at ${time}, to ${list}`,
  delivered: (channel: string) => `${channel}: everything is delivered`,
};
