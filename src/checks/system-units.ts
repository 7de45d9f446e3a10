import type {Clock} from '../clock.ts';
import {Refusal, reasonFor} from '../reach/failure.ts';
import {type Ended, runProcess} from '../reach/process-group.ts';

/** The state of each unit as systemctl has it (`active`, `failed`, …), or `not-found`. Rejects with a `Refusal`. */
export async function readUnits(
  units: readonly string[],
  use: {readonly signal: AbortSignal; readonly clock: Clock},
): Promise<ReadonlyMap<string, string>> {
  const {code, stdout, stderr} = await systemctl(units, use);
  // One block for each unit, in the order asked for, with an empty line between two.
  const blocks = stdout.trim().split(/\n\n+/);
  if (code !== 0 || blocks.length !== units.length)
    throw new Refusal(`systemctl: ${stderr.trim().split('\n', 1)[0] || `exit code ${code}`}`);
  return new Map(units.map((unit, index) => [unit, stateOf(blocks[index] ?? '')]));
}

async function systemctl(units: readonly string[], use: Parameters<typeof runProcess>[1]): Promise<Ended> {
  const args = ['show', '--property=LoadState,ActiveState', '--', ...units];
  const env = {PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8'};
  try {
    return await runProcess({program: 'systemctl', args, cwd: '/', env}, use);
  } catch (error) {
    if (use.signal.aborted) throw error;
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Refusal(`systemctl: ${isMissing ? 'it is not installed, as there is no systemd' : reasonFor(error)}`);
  }
}

function stateOf(block: string): string {
  const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
  return property('LoadState') === 'not-found' ? 'not-found' : property('ActiveState');
}
