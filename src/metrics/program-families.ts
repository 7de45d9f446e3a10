import {channelOfLane, NO_DELIVERIES} from './counts.ts';
import {type Facts, type Family, type Row, SECOND_MS} from './family.ts';

/** How the program itself does: what it owes to people, its databases, its process. */
export const programFamilies: readonly Family[] = [
  {
    ...{name: 'vakhta_build_info', type: 'gauge', labels: ['version', 'node', 'server']},
    help: 'Always 1: the versions of Vakhta and of Node, and the name of this server.',
    rows: ({build}) => [[[build.version, process.versions.node, build.server], 1]],
  },
  {
    ...{name: 'vakhta_outbox_messages', type: 'gauge', labels: ['channel']},
    help: 'Messages that are not delivered yet.',
    rows: (facts) => backlogs(facts).map(({channel, messages}): Row => [[channel], messages]),
  },
  {
    ...{name: 'vakhta_outbox_oldest_seconds', type: 'gauge', labels: ['channel']},
    help: 'The age of the oldest of them; 0 when there is none.',
    rows: (facts) =>
      backlogs(facts).map(({channel, oldestAt}): Row => [[channel], Math.max(0, facts.now - oldestAt) / SECOND_MS]),
  },
  {
    ...{name: 'vakhta_channel_dead', type: 'gauge', labels: ['channel']},
    help: '1 when the other side refuses the whole channel for good, until a message gets through again; else 0.',
    rows: ({config, store}) => {
      const dead = new Set(store.telegram.deadChannels().map(({channel}) => channel));
      return [...config.channels.keys()].map((channel): Row => [[channel], Number(dead.has(channel))]);
    },
  },
  {
    ...{name: 'vakhta_deliveries_total', type: 'counter', labels: ['channel', 'outcome']},
    help: 'Tries to deliver a message, by what became of them.',
    rows: (facts) =>
      channelsOf(facts).flatMap((channel) =>
        Object.entries(facts.counts.deliveries.get(channel) ?? NO_DELIVERIES).map(
          ([outcome, count]): Row => [[channel, outcome], count],
        ),
      ),
  },
  {
    ...{name: 'vakhta_scheduler_skipped_runs_total', type: 'counter', labels: []},
    help: 'Runs left out, as the one before them took longer than the interval or the machine slept.',
    rows: ({counts}) => [[[], counts.skippedRuns]],
  },
  {
    ...{name: 'vakhta_store_commits_total', type: 'counter', labels: ['durable']},
    help: 'Transactions of state.db: those that waited for the disk (true) and those that did not (false).',
    rows: (facts) => commits(facts).map(([durable, {count}]): Row => [[durable], count]),
  },
  {
    ...{name: 'vakhta_store_commit_seconds_total', type: 'counter', labels: ['durable']},
    help: 'How long they took in all.',
    rows: (facts) => commits(facts).map(([durable, {ms}]): Row => [[durable], ms / SECOND_MS]),
  },
  {
    ...{name: 'vakhta_store_in_memory', type: 'gauge', labels: ['database']},
    help: '1 while the disk does not take what is written to this database, so that a restart would lose it; else 0.',
    rows: ({store}) => {
      const {state, history} = store.figures();
      return [[['state'], Number(state.inMemory)], ...([[['history'], Number(history.inMemory)]] as const)];
    },
  },
  {
    ...{name: 'vakhta_history_waiting_observations', type: 'gauge', labels: []},
    help: 'Observations that are not yet written to history.db.',
    rows: ({store}) => [[[], store.figures().history.waiting]],
  },
  {
    ...{name: 'vakhta_history_dropped_observations_total', type: 'counter', labels: []},
    help: 'Observations that never will be, as too many waited or the writer died.',
    rows: ({store}) => [[[], store.figures().history.dropped]],
  },
  {
    ...{name: 'process_cpu_seconds_total', type: 'counter', labels: []},
    help: 'User and system CPU time, of all threads.',
    rows: () => {
      const {user, system} = process.cpuUsage();
      return [[[], (user + system) / 1_000_000]];
    },
  },
  {
    ...{name: 'process_resident_memory_bytes', type: 'gauge', labels: []},
    help: 'Resident memory.',
    rows: () => [[[], process.memoryUsage.rss()]],
  },
  {
    ...{name: 'process_start_time_seconds', type: 'gauge', labels: []},
    help: 'When the process started.',
    rows: ({build}) => [[[], build.startedAt / SECOND_MS]],
  },
  {
    ...{name: 'nodejs_heap_used_bytes', type: 'gauge', labels: []},
    help: 'What lives on the heap of the main thread.',
    rows: () => [[[], process.memoryUsage().heapUsed]],
  },
];

interface Waiting {
  readonly channel: string;
  messages: number;
  oldestAt: number;
}

/** Each configured channel, and whatever else has messages waiting. */
function backlogs({config, store, now}: Facts): Waiting[] {
  const found = new Map<string, Waiting>();
  const of = (channel: string) => found.get(channel) ?? {channel, messages: 0, oldestAt: now};
  for (const channel of config.channels.keys()) found.set(channel, of(channel));
  for (const {lane} of store.outbox.lanes()) {
    const {rows, oldestAt = now} = store.outbox.backlog(lane);
    const waiting = of(channelOfLane(lane));
    waiting.messages += rows;
    waiting.oldestAt = Math.min(waiting.oldestAt, oldestAt);
    found.set(waiting.channel, waiting);
  }
  return [...found.values()];
}

function channelsOf({config, counts}: Facts): string[] {
  return [...new Set([...config.channels.keys(), ...counts.deliveries.keys()])];
}

function commits({store}: Facts) {
  const {durable, relaxed} = store.figures().state;
  return [['true', durable] as const, ['false', relaxed] as const];
}
