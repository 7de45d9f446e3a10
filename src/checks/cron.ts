import {createRequire} from 'node:module';

const load = createRequire(import.meta.url);

/** What is wrong with a cron expression of five fields, and which of them it is; undefined when all is well. */
export function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== NAMES.length) return `${EXPECTED}; write ${NAMES.join(', ')}`;
  const wrong = fields.findIndex((field, index) => !isCron(EVERY.with(index, field)));
  if (wrong >= 0) return `${EXPECTED}; its ${NAMES[wrong]} is wrong`;
  return isCron(fields) ? undefined : `${EXPECTED}; this time never comes`;
}

/** The first time after `after` (epoch milliseconds) that the expression means in this time zone. */
export function nextTick(expression: string, after: number, zone: string): number {
  const {parseExpression}: typeof import('cron-parser') = load('cron-parser');
  return parseExpression(expression, {currentDate: after, tz: zone}).next().getTime();
}

const EXPECTED = 'expected a cron expression of five fields such as 0 3 * * 0';
const NAMES = ['minute', 'hour', 'day of the month', 'month', 'day of the week'];
const EVERY: readonly string[] = NAMES.map(() => '*');

/** From a fixed time on, so that the answer does not depend on the day. Looks some years ahead for the next time. */
function isCron(fields: readonly string[]): boolean {
  try {
    // Loaded on first use: few configs have a cron expression, and its library of dates takes 2 MB.
    const {parseExpression}: typeof import('cron-parser') = load('cron-parser');
    return parseExpression(fields.join(' '), {currentDate: 0, tz: 'UTC'}).hasNext();
  } catch {
    return false;
  }
}
