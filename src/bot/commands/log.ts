import {clip, escapeHtml, TEXT_UNITS_MAX} from '../messages/html.ts';
import type {Call, Command, Desk} from './command.ts';
import {textFile} from './file.ts';
import {usageOf} from './names.ts';

const log: Command = {
  name: 'log',
  role: 'admin',
  everywhere: true,
  usage: '[N]',
  example: '50',
  summary: (words) => words.help.log,
  run: (call, desk) => {
    if (call.text !== '' && !/^[1-9]\d{0,3}$/.test(call.text)) return usageOf(log, desk);
    const {words} = desk;
    const lines = desk.logLines(call.text === '' ? LINES_DEFAULT : Number(call.text));
    if (lines.length === 0) return {lines: [words.log.empty]};
    const shown = lines.map((line) => escapeHtml(clip(readable(line, call, desk), LINE_UNITS_MAX)));
    // At the console there are no files, and no limit.
    if (call.chatId === undefined) return {lines: shown, preformatted: true};
    const isLong = shown.reduce((sum, line) => sum + line.length + 1, 0) > TEXT_UNITS_MAX;
    if (!isLong) return {lines: shown, preformatted: true};
    const file = textFile(`vakhta-${desk.server}.log`, `${lines.join('\n')}\n`);
    return {lines: [escapeHtml(words.log.lines(lines.length))], file};
  },
};
export default log;

const LINES_DEFAULT = 10;
const LINE_UNITS_MAX = 400;

/** `07:01:40 warn turned away {"why":"unknown_user"}`: what a phone has room for. What is no JSON stays as it is. */
function readable(line: string, {now}: Call, {format}: Desk): string {
  const {time, level, msg, server: _, ...rest} = parsed(line);
  if (typeof time !== 'string' || typeof msg !== 'string') return line;
  const at = format.time(Temporal.Instant.from(time).epochMilliseconds, now);
  return `${at} ${level} ${msg}${Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`}`;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? {...value} : {};
  } catch {
    return {};
  }
}
