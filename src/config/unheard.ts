import {threshold} from '../state/engine.ts';
import {windowAt} from '../state/windows.ts';
import type {Config} from './config.ts';
import type {Report} from './report.ts';

/** Warns of checks that no one can ever hear of: their window never opens again, or they can never be down. */
export function warnOfUnheard(
  config: Pick<Config, 'alerts' | 'checks' | 'windows'>,
  now: number,
  report: Report,
): void {
  for (const {name, alertWhen, targets} of config.checks) {
    const needed = threshold(alertWhen, targets.length);
    if (targets.length > 0 && needed > targets.length)
      report.warn(
        ['checks', name, 'alert_when'],
        `${needed} targets must be down, and there ${targets.length === 1 ? 'is only 1' : `are only ${targets.length}`}: this check can never be down`,
      );
  }
  warnOfShutWindows(config, now, report);
}

function warnOfShutWindows(
  {alerts, checks, windows}: Pick<Config, 'alerts' | 'checks' | 'windows'>,
  now: number,
  report: Report,
): void {
  const shut = new Set([...windows.values()].filter((window) => isShut(window, now)).map(({name}) => name));
  const silent = checks.filter(({urgent, alerts: {window}}) => !urgent && window !== undefined && shut.has(window));
  for (const {name, alerts: own} of silent) {
    // A warning for the window that all of them have by default, not one for each.
    if (own.window !== alerts.window) report.warn(['checks', name, 'alerts', 'window'], shutWords(own.window));
  }
  if (silent.some(({alerts: own}) => own.window === alerts.window))
    report.warn(['alerts', 'window'], shutWords(alerts.window));
}

function isShut(window: Parameters<typeof windowAt>[0], now: number): boolean {
  const {open, until} = windowAt(window, now);
  return !open && until === null;
}

/** As far as `windowAt` looks. */
const shutWords = (window = '') =>
  `${window} does not open in the next five years: no one is told of a failure; only checks with urgent: true are heard`;
