import type {CheckConfig, Config, RecoveryConfig} from '../../src/config/config.ts';
import type {Commit, Store} from '../../src/store/store.ts';
import type {Sabotage} from './simulate.ts';

/** Mistakes that such a program may well have, planted by wrapping its parts. Each must be found. */
export const planted: Readonly<Record<string, Sabotage>> = {
  'a message is marked as sent before it is sent': {
    channel: (channel, store) => ({
      ...channel,
      deliver: (delivery, signal) => {
        store.outbox.sent(delivery.row.id, {now: 0});
        return channel.deliver(delivery, signal);
      },
    }),
  },
  'a message that a channel refuses for good is dropped': {
    channel: (channel) => ({
      ...channel,
      deliver: async (delivery, signal) => {
        const outcome = await channel.deliver(delivery, signal);
        return outcome.kind === 'refused' ? {kind: 'delivered'} : outcome;
      },
    }),
  },
  'an outage counts as a delivery': {
    channel: (channel) => ({
      ...channel,
      deliver: async (delivery, signal) => {
        const outcome = await channel.deliver(delivery, signal);
        return outcome.kind === 'retry' && outcome.retryAfterMs === undefined ? {kind: 'delivered'} : outcome;
      },
    }),
  },
  'retry_after is ignored': {
    channel: (channel) => ({
      ...channel,
      deliver: async (delivery, signal) => {
        const outcome = await channel.deliver(delivery, signal);
        return outcome.kind === 'retry' ? {kind: 'retry', reason: outcome.reason} : outcome;
      },
    }),
  },
  'retry_after is forgotten at a restart': {
    store: (store) => {
      const told = new Map<string, number>();
      const until = (lane: string) => told.get(lane) ?? 0;
      return {
        ...store,
        outbox: {
          ...store.outbox,
          lanes: () => store.outbox.lanes().map(({lane}) => ({lane, dueAt: until(lane)})),
          retry: (id, dueAt, error) => {
            for (const {lane} of store.outbox.lanes()) if (store.outbox.first(lane)?.id === id) told.set(lane, dueAt);
            store.outbox.retry(id, dueAt, error);
          },
        },
        telegram: {
          ...store.telegram,
          blockedUntil: until,
          block: (lane, at) => {
            told.set(lane, at);
            store.telegram.block(lane, at);
          },
        },
      };
    },
  },
  'what was perhaps delivered is repeated without a mark': {
    store: (store) => withOutbox(store, {doubt: (id, dueAt, error) => store.outbox.retry(id, dueAt, error)}),
  },
  'messages are written in a transaction of their own': {
    store: (store) => ({
      ...store,
      commit: (batch) => {
        const {messages, ...state} = batch;
        store.commit(state);
        return store.commit({now: batch.now, durable: true, ...(messages && {messages})});
      },
    }),
  },
  'an end that is refused is given up for a copy that there is not': {
    store: (store) =>
      changeCommits(store, (batch) => ({
        ...batch,
        messages: batch.messages?.map((message) => {
          if (message.kind !== 'recovery') return message;
          const heardIn = ['ops', 'lead', 'desk'];
          return {...message, incidents: message.incidents.map((incident) => ({...incident, heardIn}))};
        }),
      })),
  },
  'what waits for its window is forgotten at a restart': {
    store: (store) => ({
      ...store,
      load: () => {
        const loaded = store.load();
        return {...loaded, incidents: loaded.incidents.filter(({held}) => held === undefined)};
      },
    }),
  },
  'silences are forgotten at a restart': {
    store: (store) => ({...store, load: () => ({...store.load(), silences: []})}),
  },
  'who stands in is forgotten at a restart': {
    store: (store) => ({...store, load: () => ({...store.load(), overrides: []})}),
  },
  'the wrong person is called': {
    config: (config) => {
      const reversed = [...config.oncall].map(([name, rotation]) => {
        return [name, {...rotation, people: rotation.people.toReversed()}] as const;
      });
      return {...config, oncall: new Map(reversed)};
    },
  },
  'counters are not kept': {
    store: (store) => changeCommits(store, ({counters, ...batch}) => ({...batch, ...(counters && {counters: []})})),
  },
  'parents are not looked at': {config: (config) => eachCheck(config, (check) => ({...check, dependsOn: []}))},
  'the window is lost at a reload': {
    config: (config, starts) =>
      starts === 0 ? config : eachCheck(config, (check) => ({...check, alerts: {...check.alerts, window: 'none'}})),
  },
  'maintenance is not looked at': {config: (config) => ({...config, maintenance: []})},
  'a storm is not gathered': {
    config: (config) => eachCheck(config, (check) => ({...check, alerts: {...check.alerts, groupWaitMs: 0}})),
  },
  'flapping is not noticed': {config: (config) => eachCheck(config, (check) => ({...check, flapping: false}))},
  'the loss of the own network is not noticed': {config: (config) => ({...config, guard: []})},
  'recoveries are told twice': {
    store: (store) =>
      changeCommits(store, (batch) => ({
        ...batch,
        messages: batch.messages?.flatMap((message) => (message.kind === 'recovery' ? [message, message] : [message])),
      })),
  },
  'recoveries of held incidents are not told': {
    store: (store) =>
      changeCommits(store, (batch) => ({
        ...batch,
        messages: batch.messages?.filter(({kind, reason}) => kind !== 'recovery' || reason !== 'digest'),
      })),
  },
  'what broke and recovered outside the window is left out': {
    config: (config) => eachCheck(config, (check) => ({...check, alerts: {...check.alerts, missed: 'drop'}})),
  },
  'a redelivered order is carried out again': {
    store: (store) => withTelegram(store, {isHandled: () => false}),
  },
  'an update is confirmed before it is handled': {
    store: (store) => withTelegram(store, {isHandled: (id) => id % 7 === 0 || store.telegram.isHandled(id)}),
  },
  'a chat that is not configured is served': {
    config: (config) => ({...config, users: new Map([...config.users, [666, {id: 666, name: 'X', role: 'viewer'}]])}),
  },
  'reminders come twice as often': {
    config: (config) =>
      eachCheck(config, ({alerts: {repeatEveryMs, ...alerts}, ...check}) => ({
        ...check,
        alerts: {...alerts, ...(repeatEveryMs !== undefined && {repeatEveryMs: repeatEveryMs / 2})},
      })),
  },
  'a message to a chat that has moved is lost': {
    channel: (channel) => ({
      ...channel,
      deliver: async (delivery, signal) => {
        const outcome = await channel.deliver(delivery, signal);
        return outcome.kind === 'migrated' ? {kind: 'delivered'} : outcome;
      },
    }),
  },
};

/** Those are found only where something recovers. */
export const plantedInRecoveries: Readonly<Record<string, Sabotage>> = {
  'a recovery is not written down before it starts': {
    store: (store) =>
      changeCommits(store, ({runs, ...batch}) => ({...batch, runs: runs?.filter(({outcome}) => outcome)})),
  },
  'a recovery that a crash broke off is run again': {
    store: (store) => ({
      ...store,
      load: () => {
        const {recoveries, ...loaded} = store.load();
        const again = recoveries.map(({run, ...recovery}) =>
          run?.outcome ? {...recovery, run} : {...recovery, attempts: Math.max(0, recovery.attempts - 1)},
        );
        return {...loaded, recoveries: again, openRuns: []};
      },
    }),
  },
  'a recovery is tried once more than it may be': {
    config: (config) => eachRecovery(config, ({maxAttempts, ...rest}) => ({...rest, maxAttempts: maxAttempts + 1})),
  },
  'a recovery runs unapproved': {config: (config) => eachRecovery(config, (rest) => ({...rest, approve: false}))},
  'a recovery does not rest between its attempts': {
    config: (config) => eachRecovery(config, (rest) => ({...rest, intervalMs: 1, backoffFactor: 1})),
  },
  'the end of a recovery that a crash broke off is not told': {
    store: (store) => ({...store, load: () => ({...store.load(), openRuns: []})}),
  },
};

function eachRecovery(config: Config, change: (recovery: RecoveryConfig) => RecoveryConfig): Config {
  return eachCheck(config, (check) => (check.recovery ? {...check, recovery: change(check.recovery)} : check));
}

function withOutbox(store: Store, changes: Partial<Store['outbox']>): Store {
  return {...store, outbox: {...store.outbox, ...changes}};
}

function withTelegram(store: Store, changes: Partial<Store['telegram']>): Store {
  return {...store, telegram: {...store.telegram, ...changes}};
}

/** What undefined means to a commit is that there is nothing of the kind. */
type Loose = {[Key in keyof Commit]: Commit[Key] | undefined};

function changeCommits(store: Store, change: (batch: Commit) => Loose): Store {
  return {...store, commit: (batch) => store.commit(change(batch) as Commit)};
}

function eachCheck(config: Config, change: (check: CheckConfig) => CheckConfig): Config {
  return {...config, checks: config.checks.map(change)};
}
