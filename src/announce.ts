import {statSync} from 'node:fs';
import {join} from 'node:path';
import type {Config} from './config/config.ts';
import type {Pipeline} from './pipeline.ts';

/** Only what `npm run release` made has it: a working copy is nobody's rollout. The playbook touches it at each switch. */
const RELEASE = statSync(join(import.meta.dirname, '../release.json'), {throwIfNoEntry: false});

/** Tells people once which version runs here now, and who takes the orders. */
export function announce(
  pipeline: Pick<Pipeline, 'announce'>,
  {version, server, config}: {readonly version: string; readonly server: string; readonly config: Config},
): void {
  const orders = config.telegram?.console;
  const detail = orders === undefined ? version : `${version}\n${orders}`;
  if (RELEASE) pipeline.announce(`${version} ${server} ${Math.round(RELEASE.mtimeMs)}`, detail);
}
