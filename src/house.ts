import {HOSTNAME} from '../HOSTNAME.ts';
import manifest from '../package.json' with {type: 'json'};
import type {TelegramSide} from './bot/telegram/side.ts';
import type {Clock} from './clock.ts';
import type {Config} from './config/config.ts';
import type {Redact} from './config/redact.ts';
import type {House} from './http/house.ts';
import {type CheckJob, createProbe} from './jobs.ts';
import type {Pipeline} from './pipeline.ts';
import type {Store} from './store/store.ts';

/** Who has not reached Telegram for so long is not ready. A poll without news takes 50 s. */
const REACHED_WITHIN_MS = 120_000;

/** What the HTTP server shows of the program under this configuration. */
export function createHouse(
  config: Config,
  use: {
    readonly pipeline: Pipeline;
    readonly store: Store;
    readonly clock: Clock;
    readonly log: Parameters<typeof createProbe>[1]['log'];
    readonly redact: Redact;
    readonly jobs: readonly CheckJob[];
    readonly telegram: TelegramSide | undefined;
    readonly metrics?: House['metrics'];
  },
): House {
  const {pipeline, store, clock, redact, jobs, telegram, metrics} = use;
  const isReached = () => {
    const reachedAt = telegram?.reachedAt();
    return reachedAt !== undefined && clock.monotonic() - reachedAt <= REACHED_WITHIN_MS;
  };
  return {
    ...{config, jobs, redact, metrics, server: HOSTNAME, version: manifest.version},
    view: () => pipeline.view(),
    statusMap: () => pipeline.statusMap(),
    silences: () => pipeline.silences(),
    incidents: (max) => store.newestIncidents(max),
    probe: createProbe(config, use),
    readiness: () => ({store: store.isWritable(), ...(telegram && {telegram: isReached()})}),
  };
}
