import type {CheckView} from '../state/view.ts';
import type {HoldReason} from '../state/vocabulary.ts';
import {NO_OBSERVATIONS} from './counts.ts';
import {type Facts, type Family, type Row, SECOND_MS} from './family.ts';

/** What is known of checks and incidents. No target's name is ever a label: there may be ten thousand. */
export const checkFamilies: readonly Family[] = [
  {
    ...{name: 'vakhta_checks', type: 'gauge', labels: ['state']},
    help: 'Configured checks by state; unknown is a check that has not said anything yet.',
    rows: ({view}) => {
      const counted = {up: 0, down: 0, unknown: 0};
      for (const {state} of view) counted[stateOf(state)]++;
      return Object.entries(counted).map(([state, count]): Row => [[state], count]);
    },
  },
  {
    ...{name: 'vakhta_check_info', type: 'gauge', labels: ['check', 'kind', 'group']},
    help: 'Always 1: the kind and the group of each configured check.',
    rows: ({view}) => view.map(({config}): Row => [[config.name, config.kind, config.group ?? ''], 1]),
  },
  {
    ...{name: 'vakhta_check_up', type: 'gauge', labels: ['check']},
    help: 'The status of a check: 1 is true, 0 is false. Missing until its first result.',
    rows: perCheck(({state}) => (state.known ? Number(state.status) : undefined)),
  },
  {
    ...{name: 'vakhta_check_failures', type: 'gauge', labels: ['check']},
    help: 'The error counter of a check: failures in a row. Of a check with targets, that of its worst target.',
    rows: perCheck(({state}) => largest(state.counters.values(), ({errors}) => errors) ?? 0),
  },
  {
    ...{name: 'vakhta_check_last_run_timestamp_seconds', type: 'gauge', labels: ['check']},
    help: 'When the newest run with a result began. Missing until there is one.',
    rows: perCheck(({state}) => seconds(largest(state.counters.values(), ({lastAt}) => lastAt))),
  },
  {
    ...{name: 'vakhta_check_interval_seconds', type: 'gauge', labels: ['check']},
    help: 'The longest regular time between two runs. Missing for a check that runs at times of the calendar, and for a heartbeat.',
    rows: perCheck(({config}) => (isRegular(config) ? seconds(longestInterval(config)) : undefined)),
  },
  {
    ...{name: 'vakhta_check_targets', type: 'gauge', labels: ['check']},
    help: 'The targets of a check. Missing for a check without targets.',
    rows: perCheck(({config}) => config.targets.length || undefined),
  },
  {
    ...{name: 'vakhta_check_targets_down', type: 'gauge', labels: ['check']},
    help: 'Those of them whose status is false.',
    rows: perCheck(({config, state}) => (config.targets.length > 0 ? state.falseTargets : undefined)),
  },
  {
    ...{name: 'vakhta_check_flapping', type: 'gauge', labels: ['check']},
    help: '1 while the check goes up and down too often to be told of, else 0.',
    rows: perCheck(({state}) => Number(state.flap.isFlapping)),
  },
  {
    ...{name: 'vakhta_check_observations_total', type: 'counter', labels: ['check', 'result']},
    help: 'What runs found, one for each target, since the start of the program.',
    rows: ({view, counts}) =>
      view.flatMap(({config: {name}}) =>
        Object.entries(counts.observations.get(name) ?? NO_OBSERVATIONS).map(
          ([result, count]): Row => [[name, result], count],
        ),
      ),
  },
  {
    ...{name: 'vakhta_incidents_open', type: 'gauge', labels: ['acknowledged']},
    help: 'Open incidents, acknowledged (true) or not (false).',
    rows: openIncidents,
  },
  {
    ...{name: 'vakhta_incidents_held', type: 'gauge', labels: ['reason']},
    help: 'Incidents whose message waits, by the word for why.',
    rows: heldIncidents,
  },
  {
    ...{name: 'vakhta_incidents_total', type: 'counter', labels: []},
    help: 'Incidents opened since the data folder was made; a restart does not reset it.',
    rows: ({alerts}) => [[[], alerts.nextIncident - 1]],
  },
  {
    ...{name: 'vakhta_silences', type: 'gauge', labels: ['kind']},
    help: 'Silences and maintenances that people have ordered and that are in force.',
    rows: ({alerts}) =>
      (['silence', 'maintenance'] as const).map(
        (kind): Row => [[kind], count(alerts.silences.values(), (silence) => silence.kind === kind)],
      ),
  },
];

function perCheck(read: (view: CheckView) => number | undefined): Family['rows'] {
  return ({view}) =>
    view.flatMap((one): Row[] => {
      const value = read(one);
      return value === undefined ? [] : [[[one.config.name], value]];
    });
}

function stateOf({known, status}: CheckView['state']): 'up' | 'down' | 'unknown' {
  if (!known) return 'unknown';
  return status ? 'up' : 'down';
}

/** Whether every interval brings a result; a heartbeat says by itself when one is missing. */
function isRegular({at, reportId}: CheckView['config']): boolean {
  return at === undefined && reportId === undefined;
}

function longestInterval({intervalMs, backoffFactor, maxIntervalMs}: CheckView['config']): number {
  return backoffFactor > 1 ? Math.max(intervalMs, maxIntervalMs) : intervalMs;
}

function openIncidents({alerts}: Facts): Row[] {
  const counted = {true: 0, false: 0};
  for (const id of alerts.open.values()) counted[alerts.incidents.get(id)?.acknowledged ? 'true' : 'false']++;
  return [[['true'], counted.true], ...([[['false'], counted.false]] as const)];
}

/** A record of all the words, so that tsc asks for a new one. */
function heldIncidents({alerts}: Facts): Row[] {
  const counted: Record<HoldReason, number> = {
    ...{outside_window: 0, silenced: 0, maintenance: 0},
    ...{parent_down: 0, flapping: 0},
  };
  for (const {held} of alerts.incidents.values()) if (held) counted[held]++;
  return Object.entries(counted).map(([reason, count]) => [[reason], count]);
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / SECOND_MS;
}

/** Undefined for none; by a loop, as there may be more than a call has room for. */
function largest<T>(all: Iterable<T>, read: (one: T) => number): number | undefined {
  let found: number | undefined;
  for (const one of all) found = Math.max(found ?? Number.NEGATIVE_INFINITY, read(one));
  return found;
}

function count<T>(all: Iterable<T>, matches: (one: T) => boolean): number {
  let counted = 0;
  for (const one of all) if (matches(one)) counted++;
  return counted;
}
