/** One thing that is wrong in a file, with the cure in its message. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  /** The key, as `checks.api.expect[1]`; empty where the whole file is meant. */
  readonly path: string;
  readonly message: string;
}

/** More than a screen of problems helps nobody: the rest is counted. */
export const PROBLEMS_MAX = 100;
/** A file may hold a line of a megabyte; a message may not. */
const MESSAGE_CHARS_MAX = 500;
const VALUE_CHARS_MAX = 60;

/** Where a problem is that stands in no file; it has line 0, which is not printed. */
export const ENVIRONMENT = 'environment';

/** `config.yaml:31:11 checks.api.timeout: expected a duration such as 10s, got "ten"` */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.col}`;
  return problem.path === '' ? `${place} ${problem.message}` : `${place} ${problem.path}: ${problem.message}`;
}

/** Sorted by place, without repetitions, at most `PROBLEMS_MAX` and one more that counts the rest. */
export function tidyProblems(problems: readonly Problem[]): readonly Problem[] {
  const distinct = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  const sorted = [...distinct.values()].sort(
    (a, b) => Number(a.file > b.file) - Number(a.file < b.file) || a.line - b.line || a.col - b.col,
  );
  const shown = sorted.slice(0, PROBLEMS_MAX);
  const last = shown.at(-1);
  if (!last || sorted.length <= PROBLEMS_MAX) return shown;
  return [...shown, {...last, path: '', message: `… and ${sorted.length - PROBLEMS_MAX} more problems`}];
}

/** A path as people read it: `users.111.role`, `alerts.to[0]`. A key that swallowed its value is shown without it. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = cut(String(part), VALUE_CHARS_MAX).replace(/([:=]).+$/s, '$1…');
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** A value as it stands after "got": short, on one line. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? JSON.stringify(cut(value, VALUE_CHARS_MAX)) : String(value);
}

/** The message without what may not be printed: the given values, the password inside an address, and a bot's token. */
export function clean(message: string, hidden: Iterable<string>): string {
  let text = message;
  for (const value of hidden) {
    if (value.length >= HIDDEN_CHARS_MIN) text = text.replaceAll(value, '…').replaceAll(inQuotes(value), '…');
  }
  return cut(text.replaceAll(PASSWORD, '$1…@').replaceAll(BOT_TOKEN, '…'), MESSAGE_CHARS_MAX);
}

/** What stands before the host of an address. */
const PASSWORD = /(\/\/)[^\s"]*@/g;
/** A token that was pasted to a wrong place. */
const BOT_TOKEN = /\d{6,}:[\w-]{20,}/g;

/** Shorter values stand in too many words to be worth hiding there; they are never shown as values anyway. */
const HIDDEN_CHARS_MIN = 4;

const inQuotes = (value: string) => JSON.stringify(value).slice(1, -1);

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
