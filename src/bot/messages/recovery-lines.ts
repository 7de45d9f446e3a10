import type {RecoveryRun, RunOutcome} from '../../state/recovery-vocabulary.ts';
import type {Incident} from '../../state/vocabulary.ts';
import type {Words} from './en.ts';
import {clip, escapeHtml} from './html.ts';
import type {Reader} from './render.ts';

/** A command may be long; the log and the database have all of it. */
const COMMAND_UNITS_MAX = 200;
/** The last lines of what it said, and how long they may be in all. */
const OUTPUT_LINES_MAX = 5;
const OUTPUT_UNITS_MAX = 400;
const REASON_UNITS_MAX = 200;

/** How far the recovery of this incident has gone: the newest attempt first, then what it said, then why nothing runs now. */
export function recoveryLines({id, check, closedAt, recovery}: Incident, reader: Reader): string[] {
  if (!recovery) return [];
  const {words} = reader;
  const {run, waits} = recovery;
  // One that was begun for an earlier incident, and is under way still, is not of this one's attempts.
  const mine = run?.incident === id ? run : undefined;
  const isWaiting = closedAt === undefined && waits !== undefined;
  return [
    ...(mine ? runLines(mine, reader) : []),
    ...(isWaiting ? [`⏸ ${escapeHtml(words.attempt.waits[waits])}`] : []),
    ...(isWaiting && waits === 'approval' ? whatWouldRun(reader.check(check)?.recovery) : []),
  ];
}

function whatWouldRun(recovery: {readonly host: string; readonly command: string} | undefined): string[] {
  return recovery ? [commandLine(recovery)] : [];
}

function commandLine({host, command}: {readonly host: string; readonly command: string}): string {
  return `<code>${escapeHtml(`${host}: ${clip(command.replaceAll('\n', ' '), COMMAND_UNITS_MAX)}`)}</code>`;
}

function runLines(run: RecoveryRun, {words, format}: Reader): string[] {
  const {attempt, of, by, startedAt, outcome} = run;
  const spent = outcome ? format.duration(outcome.endedAt - startedAt) : '';
  const state = outcome ? outcomeWords(outcome, spent, words) : words.attempt.running;
  const who = by ? ` (${words.attempt.orderedBy(by.name)})` : '';
  return [
    `🔧 ${escapeHtml(`${words.attempt.title(attempt, of)}${who}: ${state}`)}\n${commandLine(run)}`,
    ...(outcome ? outputLines(outcome.output) : []),
  ];
}

function outcomeWords({status, exitCode, signal, reason = ''}: RunOutcome, spent: string, words: Words): string {
  const why = clip(reason, REASON_UNITS_MAX);
  switch (status) {
    case 'done':
    case 'failed':
      return signal === undefined
        ? words.attempt.exited(exitCode ?? -1, spent)
        : words.attempt.ended(`SIG${signal}`, spent);
    case 'timed_out':
      return words.attempt.timedOut(spent);
    case 'not_started':
      return words.attempt.notStarted(why);
    case 'unknown':
      return words.attempt.unknown(why);
    case 'dry_run':
      return words.attempt.dryRun;
  }
}

function outputLines(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const last = lines.slice(-OUTPUT_LINES_MAX).join('\n').slice(-OUTPUT_UNITS_MAX);
  // The cut may have gone through a surrogate pair.
  return last === '' ? [] : [`<pre>${escapeHtml(last.replace(/^[\uDC00-\uDFFF]/, ''))}</pre>`];
}
