import type {CheckAlerts} from './alerts.ts';
import type {Draft} from './draft.ts';
import {selects} from './silences.ts';
import type {HoldReason, Incident} from './vocabulary.ts';

/** Why nothing may be said of this check now, and until when that is sure to last; undefined: it may. */
export interface Hold {
  readonly reason: HoldReason;
  /** Epoch milliseconds at which to look again; left out where only an event can end it. */
  readonly until?: number;
}

/** The reasons in the order in which they are named, when several hold. */
export function holdOn(draft: Draft, check: string, {evenFlapping = false} = {}): Hold | undefined {
  const alerts = draft.policy.check(check);
  if (!alerts) return undefined;
  return (
    maintenanceHold(draft, alerts) ??
    silenceHold(draft, alerts) ??
    (draft.isFlapping(check) && !evenFlapping ? {reason: 'flapping'} : undefined) ??
    parentHold(draft, alerts) ??
    windowHold(draft, alerts)
  );
}

/** A recovery is held by less: what people were told began, they are told has ended, silence or not. */
export function holdOnRecovery(draft: Draft, incident: Incident): Hold | undefined {
  const alerts = draft.policy.check(incident.check);
  if (!alerts) return undefined;
  if (draft.isFlapping(incident.check)) return {reason: 'flapping'};
  return parentHold(draft, alerts) ?? windowHold(draft, alerts);
}

/** Planned, or ordered by people. */
export function isInMaintenance(draft: Draft, check: string): boolean {
  const alerts = draft.policy.check(check);
  return alerts !== undefined && maintenanceHold(draft, alerts) !== undefined;
}

export function isParentDown(draft: Draft, check: string): boolean {
  const alerts = draft.policy.check(check);
  return alerts !== undefined && parentHold(draft, alerts) !== undefined;
}

function maintenanceHold(draft: Draft, alerts: CheckAlerts): Hold | undefined {
  const planned = draft.policy.maintenance(alerts, draft.now);
  if (planned.open) return {reason: 'maintenance', ...(planned.until !== null && {until: planned.until})};
  return humanHold(draft, alerts, 'maintenance');
}

function silenceHold(draft: Draft, alerts: CheckAlerts): Hold | undefined {
  return humanHold(draft, alerts, 'silence');
}

function humanHold(draft: Draft, alerts: CheckAlerts, kind: 'silence' | 'maintenance'): Hold | undefined {
  for (const silence of draft.silences()) {
    if (silence.kind !== kind || !selects(silence.what, alerts)) continue;
    return {reason: kind === 'silence' ? 'silenced' : 'maintenance'};
  }
  return undefined;
}

function parentHold(draft: Draft, alerts: CheckAlerts): Hold | undefined {
  const isDown = (parent: string) => draft.falling.has(parent) || draft.openIncident(parent) !== undefined;
  return alerts.dependsOn.some(isDown) ? {reason: 'parent_down'} : undefined;
}

function windowHold(draft: Draft, alerts: CheckAlerts): Hold | undefined {
  if (alerts.urgent || alerts.window === undefined) return undefined;
  const {open, until} = draft.policy.window(alerts.window, draft.now);
  if (open) return undefined;
  return {reason: 'outside_window', ...(until !== null && {until})};
}
