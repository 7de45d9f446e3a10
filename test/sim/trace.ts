/** What happened, newest last. A line is only made when somebody reads it, as most seeds pass unread. */
export interface Trace {
  say(at: number, line: () => string): void;
  last(count: number): string[];
}

const KEPT = 200;

export function createTrace(print?: (line: string) => void): Trace {
  const kept: (() => string)[] = [];
  return {
    say: (at, line) => {
      const whole = () => `${new Date(at).toISOString()} ${line()}`;
      if (print) print(whole());
      kept.push(whole);
      if (kept.length > 2 * KEPT) kept.splice(0, KEPT);
    },
    last: (count) => kept.slice(-count).map((line) => line()),
  };
}
