import type {TemplateVariable} from '../../config/template-variables.ts';
import type {Incident, Message} from '../../state/vocabulary.ts';
import {clip} from './html.ts';
import {COMMENT_UNITS_MAX, REASON_UNITS_MAX, TARGET_UNITS_MAX, WHY_UNITS_MAX} from './limits.ts';
import type {Reader} from './render.ts';

type View<T extends string> = Readonly<Record<T, unknown>>;

/** What a template about one incident may say. Everything is plain text; what is not there is empty. */
export function incidentView(incident: Incident, reader: Reader, now: number): View<TemplateVariable<'down'>> {
  const {format, server, check} = reader;
  const config = check(incident.check);
  const ack = incident.acknowledged;
  const time = (at: number | undefined) => (at === undefined ? '' : format.time(at, now));
  return {
    acknowledged_at: time(ack?.at),
    acknowledged_by: ack?.by.name ?? '',
    acknowledged_until: time(ack?.until),
    acknowledged_why: clip(ack?.why ?? '', WHY_UNITS_MAX),
    check: incident.check,
    comment: clip(config?.comment ?? '', COMMENT_UNITS_MAX),
    cut_off: incident.cutOff === true,
    duration: format.duration((incident.closedAt ?? now) - incident.openedAt),
    errors: incident.errors,
    group: config?.group ?? '',
    reason: clip(incident.reason, REASON_UNITS_MAX),
    removed: incident.removed === true,
    server,
    since: time(incident.openedAt),
    ...targetsView(incident, reader),
    until: time(incident.closedAt),
  };
}

function targetsView({check: name, falseTargets}: Incident, {check}: Reader) {
  const labels = new Map(check(name)?.targets.map(({address, label}) => [address, label]));
  const targets = (falseTargets?.listed ?? []).map(({target, reason}) => ({
    label: clip(labels.get(target) ?? '', TARGET_UNITS_MAX),
    reason: clip(reason, TARGET_UNITS_MAX),
    target: clip(target, TARGET_UNITS_MAX),
  }));
  const down = falseTargets?.count ?? 0;
  return {targets, targets_down: down, targets_more: down - targets.length, targets_total: falseTargets?.of ?? 0};
}

/** One that broke and recovered before anybody was told. */
export function missedView({check, openedAt, closedAt}: Incident, {format}: Reader, now: number) {
  return {check, duration: format.duration((closedAt ?? now) - openedAt)};
}

export function flappingView(
  {check: name, since, isDown}: Message & {kind: 'flapping'},
  {format, server, check}: Reader,
  now: number,
): View<TemplateVariable<'flapping_started'>> {
  const config = check(name);
  return {
    check: name,
    comment: clip(config?.comment ?? '', COMMENT_UNITS_MAX),
    down: isDown,
    duration: format.duration(now - since),
    group: config?.group ?? '',
    server,
    since: format.time(since, now),
  };
}
