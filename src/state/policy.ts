import type {Config, MaintenanceConfig} from '../config/config.ts';
import type {AlertPolicy, CheckAlerts, EscalationStep, Stretch} from './alerts.ts';
import {type BackoffPolicy, nextIntervalMs} from './backoff.ts';
import {selects} from './silences.ts';
import type {CheckState, StepPolicy} from './vocabulary.ts';
import {rememberWindow} from './windows.ts';

/** What the engine, the alerts and the scheduler ask of a configuration. */
export interface Policy {
  readonly step: (check: string) => StepPolicy | undefined;
  readonly alerts: AlertPolicy;
  /** The time until the next run of a check in this state. */
  readonly intervalMs: (state: CheckState) => number;
  /** Whether that depends on the state. */
  readonly backsOff: (check: string) => boolean;
  /** Whether this entry of `maintenance` is open at this time, and until when it stays so. */
  readonly planned: (entry: MaintenanceConfig, at: number) => Stretch;
  /** Whether a failure of this check says nothing while the server itself is cut off. */
  readonly needsNetwork: (check: string) => boolean;
}

/** A cron expression's stretches: whether one is going on at this time, and until when that lasts. */
export type CronStretch = (expression: string, forMs: number, zone: string, at: number) => Stretch;

type Parts =
  | 'checks'
  | 'alerts'
  | 'windows'
  | 'channels'
  | 'messageType'
  | 'guard'
  | 'maintenance'
  | 'timezone'
  | 'oncall';

export function policyOf(config: Pick<Config, Parts>, cron: CronStretch): Policy {
  const steps = new Map<string, StepPolicy>();
  const alerts = new Map<string, CheckAlerts>();
  const backoffs = new Map<string, BackoffPolicy>();
  const network = new Set<string>();
  for (const check of config.checks) {
    const {name, failAfter, recoverAfter, alertWhen, flapping} = check;
    steps.set(name, {failAfter, recoverAfter, alertWhen, flapping, targetCount: check.targets.length});
    alerts.set(name, alertsOf(check, config));
    backoffs.set(name, check);
    if (!check.isLocal && !config.guard.includes(name)) network.add(name);
  }
  const windows = new Map([...config.windows].map(([name, window]) => [name, rememberWindow(window)]));
  // Config has made sure that every named window exists; an unknown one counts as always open, since silence is worse.
  const window = (name: string, at: number): Stretch => windows.get(name)?.at(at) ?? {open: true, until: null};
  const planned = (entry: MaintenanceConfig, at: number): Stretch =>
    entry.kind === 'window' ? window(entry.window, at) : cron(entry.at, entry.forMs, config.timezone, at);
  return {
    step: (check) => steps.get(check),
    planned,
    alerts: {
      check: (name) => alerts.get(name),
      noticeTo: audible(config.alerts.to, config),
      guards: config.guard,
      window,
      maintenance: (check, at) => maintenanceOf(check, at, config.maintenance, planned),
      rotations: config.oncall,
    },
    intervalMs: ({check, downRuns}) => {
      const backoff = backoffs.get(check);
      return backoff ? nextIntervalMs(backoff, downRuns) : 0;
    },
    backsOff: (check) => (backoffs.get(check)?.backoffFactor ?? 1) > 1,
    needsNetwork: (check) => network.has(check),
  };
}

function alertsOf(check: Config['checks'][number], config: Pick<Config, Parts>): CheckAlerts {
  const {window, missed, groupWaitMs, repeatEveryMs} = check.alerts;
  const escalate = check.alerts.escalate.map(({afterMs, to}) => ({afterMs, ...recipientsOf(to, config)}));
  return {
    name: check.name,
    ...(check.group !== undefined && {group: check.group}),
    to: audible(check.alerts.to, config),
    ...(window !== undefined && {window}),
    missed,
    urgent: check.urgent,
    groupWaitMs,
    ...(repeatEveryMs !== undefined && {repeatEveryMs}),
    escalate,
    dependsOn: check.dependsOn,
    ...(check.recovery && {recovery: check.recovery}),
  };
}

/** `oncall` means the first rotation; where there is none, it is a channel of that name. */
function recipientsOf(names: readonly string[], config: Pick<Config, Parts>): Pick<EscalationStep, 'to' | 'oncall'> {
  const [first] = config.oncall.keys();
  const isOncall = (name: string) => first !== undefined && (name === 'oncall' || name.startsWith('oncall:'));
  const oncall = names
    .filter(isOncall)
    .map((name) => (name === 'oncall' ? (first ?? '') : name.slice('oncall:'.length)));
  const to = audible(
    names.filter((name) => !isOncall(name)),
    config,
  );
  return {to, ...(oncall.length > 0 && {oncall})};
}

/** Of these channels, those that `message_type` leaves: it mutes Telegram or the console, and touches nothing else. */
export function audible(
  names: readonly string[],
  {channels, messageType}: Pick<Config, 'channels' | 'messageType'>,
): string[] {
  const muted = MUTED[messageType];
  return names.filter((name) => muted === undefined || channels.get(name)?.type !== muted);
}

const MUTED = {telegram: 'console', console: 'telegram', both: undefined} as const;

const NO_MAINTENANCE: Stretch = {open: false, until: null};

function maintenanceOf(
  check: CheckAlerts,
  at: number,
  entries: readonly MaintenanceConfig[],
  planned: Policy['planned'],
): Stretch {
  for (const entry of entries) {
    if (!entry.checks.some((what) => selects(what, check))) continue;
    const stretch = planned(entry, at);
    if (stretch.open) return stretch;
  }
  return NO_MAINTENANCE;
}
