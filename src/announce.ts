import {statSync} from 'node:fs';
import {join} from 'node:path';
import type {Clock} from './clock.ts';
import type {Config} from './config/config.ts';
import type {Pipeline} from './pipeline.ts';
import type {Store} from './store/store.ts';

/** Only what `npm run release` made has it: a working copy is nobody's rollout. The playbook touches it at each switch. */
const MANIFEST = statSync(join(import.meta.dirname, '../release.json'), {throwIfNoEntry: false});

/** Tells people once which version runs here now, and who takes the orders. A crash in the middle has it told twice. */
export function announce(
  {pipeline, store, clock, version, server}: AnnounceUse,
  {telegram}: Config,
  rolledOutAt = MANIFEST?.mtimeMs,
): void {
  const release = `${version} ${server} ${rolledOutAt}`;
  if (rolledOutAt === undefined || store.announced() === release) return;
  const orders = telegram?.console;
  pipeline.notice('rolled_out', orders === undefined ? version : `${version}\n${orders}`);
  store.commit({now: clock.now(), announced: release, durable: true});
}

export interface AnnounceUse {
  readonly pipeline: Pick<Pipeline, 'notice'>;
  readonly store: Pick<Store, 'announced' | 'commit'>;
  readonly clock: Clock;
  readonly version: string;
  readonly server: string;
}
