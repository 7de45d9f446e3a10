import type {Finding, Probe} from '../../src/checks/check.ts';
import type {CheckConfig} from '../../src/config/config.ts';
import type {Scenario, Spell} from './draw.ts';
import type {Life} from './life.ts';
import type {Random} from './random.ts';

/** What is watched: each subject is well or not as the scenario says, and answers at once or after a while. */
export function createWorld({health}: Scenario, random: Random, monotonic: () => number) {
  const places = new Map<string, number>();

  function modeOf(subject: string): Spell['mode'] {
    const spells = health.get(subject) ?? [];
    let place = places.get(subject) ?? 0;
    while ((spells[place + 1]?.at ?? Number.POSITIVE_INFINITY) <= monotonic()) place++;
    places.set(subject, place);
    return spells[place]?.mode ?? 'ok';
  }

  function find(mode: Spell['mode'], target: string | undefined): Finding {
    const about = {...(target !== undefined && {target}), latencyMs: 5};
    const isFailing =
      mode === 'down' || mode === 'slow' || random.chance(mode === 'flap' ? 0.5 : mode === 'flaky' ? 0.15 : 0);
    if (mode === 'unsure') return {...about, result: 'inconclusive', reason: 'unsure'};
    return isFailing ? {...about, result: 'failed', reason: 'HTTP 503'} : {...about, result: 'ok', reason: ''};
  }

  return (check: CheckConfig, {clock}: Life): Probe =>
    async ({signal, targets}) => {
      const all = check.targets.map(({address}) => address);
      const subjects = check.targets.length === 0 ? [undefined] : (targets ?? all);
      const modes = subjects.map((target) => modeOf(target === undefined ? check.name : `${check.name} ${target}`));
      if (modes.includes('slow')) await clock.sleep(random.int(1_000, 2 * check.timeoutMs), signal);
      else if (random.chance(0.2)) await clock.sleep(random.int(1, 900), signal);
      return subjects.map((target, index) => find(modes[index] ?? 'ok', target));
    };
}
