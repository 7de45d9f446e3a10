import type {Config} from '../config/config.ts';
import type {AlertPolicy, CheckAlerts} from './alerts.ts';
import type {StepPolicy} from './vocabulary.ts';
import {rememberWindow} from './windows.ts';

/** What the engine and the alerts ask of a configuration. */
export interface Policy {
  readonly step: (check: string) => StepPolicy | undefined;
  readonly alerts: AlertPolicy;
}

export function policyOf(config: Pick<Config, 'checks' | 'alerts' | 'windows' | 'channels' | 'messageType'>): Policy {
  const steps = new Map<string, StepPolicy>();
  const alerts = new Map<string, CheckAlerts>();
  for (const check of config.checks) {
    const {failAfter, recoverAfter, alertWhen} = check;
    steps.set(check.name, {failAfter, recoverAfter, alertWhen, targetCount: check.targets.length});
    const {window, missed} = check.alerts;
    const to = audible(check.alerts.to, config);
    alerts.set(check.name, {to, missed, urgent: check.urgent, ...(window !== undefined && {window})});
  }
  const windows = new Map([...config.windows].map(([name, window]) => [name, rememberWindow(window)]));
  return {
    step: (check) => steps.get(check),
    alerts: {
      check: (name) => alerts.get(name),
      noticeTo: audible(config.alerts.to, config),
      // Config has made sure that every named window exists; an unknown one counts as always open, since silence is worse.
      window: (name, at) => windows.get(name)?.at(at) ?? {open: true, until: null},
    },
  };
}

/** `message_type` mutes a kind of channel without touching the rest. */
function audible(
  names: readonly string[],
  {channels, messageType}: Pick<Config, 'channels' | 'messageType'>,
): string[] {
  return names.filter((name) => messageType === 'both' || channels.get(name)?.type === messageType);
}
