import type {z} from 'zod';
import {selectorText} from '../state/silences.ts';
import type {CheckView} from '../state/view.ts';
import type {Incident, Silence} from '../state/vocabulary.ts';
import type {House} from './house.ts';
import {param, type Route} from './route.ts';
import * as schemas from './schemas.ts';

/** The newest of them; older ones are in state.db. */
const INCIDENTS_MAX = 500;

/** What is known, to read. */
export function viewRoutes(house: () => House): Route[] {
  const read = {methods: ['GET', 'HEAD'], isOpen: false} as const;
  return [
    {
      ...read,
      url: '/json',
      summary: 'The status map: each check, or each of its targets, true or false',
      answers: {200: schemas.statusMap},
      handle: () => house().statusMap(),
    },
    {
      ...read,
      url: '/api/v1/checks',
      summary: 'Every check, in the order of config.yaml',
      answers: {200: schemas.checks},
      handle: () => ({checks: house().view().map(checkOf)}),
    },
    {
      ...read,
      url: '/api/v1/checks/:name',
      summary: 'One check with its targets, and with what was last reported of a heartbeat',
      answers: {200: schemas.checkDetail, 404: schemas.failure},
      handle: (request, reply) => {
        const name = param(request, 'name');
        const view = house()
          .view()
          .find(({config}) => config.name === name);
        return view ? detailOf(view, house()) : reply.code(404).send({error: 'there is no such check'});
      },
    },
    {
      ...read,
      url: '/api/v1/incidents',
      summary: `The newest ${INCIDENTS_MAX} incidents, open and closed`,
      answers: {200: schemas.incidents},
      handle: () => ({incidents: house().incidents(INCIDENTS_MAX).map(incidentOf)}),
    },
    {
      ...read,
      url: '/api/v1/silences',
      summary: 'What people have silenced',
      answers: {200: schemas.silences},
      handle: () => ({silences: house().silences().map(silenceOf)}),
    },
  ];
}

const iso = (ms: number) => Temporal.Instant.fromEpochMilliseconds(Math.round(ms)).toString();

function checkOf({config, state, incident, spell}: CheckView): z.input<typeof schemas.check> {
  const counters = [...state.counters.values()];
  const only = config.targets.length === 0 ? counters[0] : undefined;
  return {
    name: config.name,
    type: config.kind,
    ...(config.group !== undefined && {group: config.group}),
    status: state.status,
    known: state.known,
    ...(state.known && {since: iso(state.since)}),
    errors: counters.reduce((most, {errors}) => Math.max(most, errors), 0),
    ...(only && {
      last: {at: iso(only.lastAt), result: only.lastResult, reason: only.lastReason, latency_ms: only.lastLatencyMs},
    }),
    flapping: spell !== undefined,
    ...(incident && {incident: incident.id}),
    ...(config.targets.length > 0 && {targets: {total: config.targets.length, down: state.falseTargets}}),
  };
}

function detailOf(view: CheckView, {jobs, redact}: House): z.input<typeof schemas.checkDetail> {
  const {config, state} = view;
  const sent = jobs.find(({name}) => name === config.name)?.lastReport?.();
  const targets = config.targets.flatMap(({address}) => {
    const counter = state.counters.get(address);
    if (!counter) return [];
    const {status, errors, since, lastReason} = counter;
    return [{address, status, errors, since: iso(since), reason: lastReason}];
  });
  return {
    ...checkOf(view),
    ...(config.targets.length > 0 && {all_targets: targets}),
    ...(sent && {last_report: {at: iso(sent.at), kind: sent.kind, body: redact(sent.body)}}),
  };
}

function incidentOf(incident: Incident): z.input<typeof schemas.incidents>['incidents'][number] {
  const {id, check, openedAt, closedAt, reason, errors, falseTargets, acknowledged, held} = incident;
  return {
    ...{id, check, reason, errors, opened_at: iso(openedAt)},
    ...(closedAt !== undefined && {closed_at: iso(closedAt)}),
    ...(falseTargets && {false_targets: falseTargets.count}),
    ...(acknowledged && {
      acknowledged: {
        ...{by: {...acknowledged.by}, at: iso(acknowledged.at), why: acknowledged.why},
        ...(acknowledged.until !== undefined && {until: iso(acknowledged.until)}),
      },
    }),
    ...(held !== undefined && {held}),
  };
}

function silenceOf({
  id,
  kind,
  what,
  at,
  until,
  by,
  why,
}: Silence): z.input<typeof schemas.silences>['silences'][number] {
  const end = until === 'recovered' ? until : iso(until);
  return {id, kind, what: selectorText(what), at: iso(at), until: end, by: {...by}, why};
}
