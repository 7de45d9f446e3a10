import type {ParsedText} from './document.ts';
import {clean, ENVIRONMENT, formatPath, PROBLEMS_MAX, type Problem, tidyProblems} from './problems.ts';

/** Gathers what is wrong with one config, by path; places are looked up at the end, and only for what is wrong. */
export interface Report {
  problem(path: readonly PropertyKey[], message: string, part?: 'key' | 'value'): void;
  warn(path: readonly PropertyKey[], message: string, part?: 'key' | 'value'): void;
  /** A problem in another file, or of the environment. */
  elsewhere(problem: Problem): void;
  /** A variable of the environment that is wrong; its value is not shown. */
  environment(variable: string, message: string): void;
  hasProblems(): boolean;
  /** So many that the next ones will hardly be shown: no need to look for what they might have meant. */
  isFull(): boolean;
  problems(): readonly Problem[];
  warnings(): readonly Problem[];
}

interface Entry {
  readonly path: readonly PropertyKey[];
  readonly part: 'key' | 'value';
  readonly message: string;
}

/** `hidden` are values that no message may show, at the time when the messages are asked for. */
export function createReport(file: string, parsed: ParsedText, hidden: ReadonlySet<string>): Report {
  const problems: Entry[] = [];
  const warnings: Entry[] = [];
  const elsewhere: Problem[] = [];
  const place = ({path, part, message}: Entry): Problem => ({
    file,
    ...parsed.locate(path, part),
    path: formatPath(path),
    message,
  });
  const tidy = (found: readonly Problem[]) =>
    tidyProblems(found.map((problem) => ({...problem, message: clean(problem.message, hidden)})));
  return {
    problem: (path, message, part = 'value') => problems.push({path, part, message}),
    warn: (path, message, part = 'value') => warnings.push({path, part, message}),
    elsewhere: (problem) => elsewhere.push(problem),
    environment: (variable, message) => elsewhere.push({file: ENVIRONMENT, line: 0, col: 0, path: variable, message}),
    isFull: () => problems.length >= PROBLEMS_MAX,
    hasProblems: () => problems.length + elsewhere.length + parsed.issues.length > 0,
    problems: () => {
      const issues = parsed.issues.map(({path, message, place: at}) => ({
        file,
        ...at,
        path: formatPath(path),
        message,
      }));
      // What could not be read has no value: that it is not the expected one is no news.
      const unread = new Set(issues.map(({path}) => path).filter((path) => path !== ''));
      const others = problems.filter(({path}) => !unread.has(formatPath(path)));
      return tidy([...issues, ...others.map(place), ...elsewhere]);
    },
    warnings: () => tidy(warnings.map(place)),
  };
}
