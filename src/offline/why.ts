import pino from 'pino';
import {HOSTNAME} from '../../HOSTNAME.ts';
import manifest from '../../package.json' with {type: 'json'};
import {CONSOLE_PERSON, CONSOLE_ROLE, createDesk} from '../bot/desk.ts';
import {plainText} from '../bot/messages/html.ts';
import {createReaders, NO_CHOICES} from '../bot/readers.ts';
import {cronStretch} from '../calendar.ts';
import {systemClock as clock} from '../clock.ts';
import type {Config} from '../config/config.ts';
import {didYouMean} from '../config/suggest.ts';
import {policyOf} from '../state/policy.ts';
import {worldOf} from '../state/turn.ts';
import {statusMapOf, viewOf} from '../state/view.ts';
import {type Glance, glance} from '../store/beside.ts';
import {StoreRefused} from '../store/sickness.ts';

/** `vakhta why`: what `/why` says, from beside the running program. Returns what is wrong, if anything is. */
export function printWhy(config: Config, name: string | undefined): string | undefined {
  const known = config.checks.map((check) => check.name);
  if (name === undefined) return `expected the name of a check (the config has: ${known.join(', ')}), got nothing`;
  if (!known.includes(name)) return `no check is called ${name}${didYouMean(name, known)}`;
  const store = open(config.dataDir);
  if (typeof store === 'string') return store;
  try {
    process.stdout.write(`${explanation(config, store, name)}\n`);
    return undefined;
  } finally {
    store.close();
  }
}

function open(dataDir: string): Glance | string {
  try {
    return glance(dataDir);
  } catch (error) {
    if (error instanceof StoreRefused) return error.message;
    throw error;
  }
}

function explanation(config: Config, store: Glance, name: string): string {
  const world = worldOf(store.loaded);
  const verdicts = new Map(store.loaded.verdicts.map((verdict) => [verdict.check, verdict]));
  const view = () => viewOf(config, world, verdicts);
  const desk = createDesk({
    config,
    readers: createReaders(config, HOSTNAME, NO_CHOICES),
    version: manifest.version,
    clock,
    log: pino({enabled: false}),
    reload: () => {},
    store: {outbox: store, telegram: store},
    pipeline: {
      alerts: world.alerts,
      policy: policyOf(config, cronStretch),
      view,
      statusMap: () => statusMapOf(view()),
      silences: () => [...world.alerts.silences.values()],
      order: () => {},
    },
  });
  const call = {person: CONSOLE_PERSON, role: CONSOLE_ROLE, text: name, now: clock.now()};
  return plainText(desk.take('why', call).lines.join('\n'));
}
