import {formatDuration} from '../checks/duration.ts';
import type {Config} from './config.ts';

/** A config in a few lines for people, without secrets: what `validate` prints when all is well. */
export function describeConfig(config: Config): readonly string[] {
  const kinds = tally(config.checks.map(({kind}) => kind));
  const targets = config.checks.reduce((sum, check) => sum + check.targets.length, 0);
  const channels = [...config.channels.values()].map(({name, type}) => (name === type ? name : `${name} (${type})`));
  const users = [...config.users.values()].map(
    ({name, role, groups}) => `${name} (${role}${groups ? ` for ${groups.join(' and ')}` : ''})`,
  );
  const nobody = config.telegram?.commands
    ? 'no users: people come by invite'
    : 'no users: orders come from the console only';
  return [
    `${count(config.checks.length, 'check')} (${kinds}${targets > 0 ? `; ${count(targets, 'target')}` : ''}), ${timesOf(config)}`,
    `${count(channels.length, 'channel')}: ${list(channels)}; alerts go to ${list(config.alerts.to)}`,
    users.length > 0 ? `${count(users.length, 'user')}: ${list(users)}` : nobody,
    ...[...config.oncall.values()].map(
      ({name, people}) => `on call (${name}): ${list(people.map((person) => person.name))} in turn`,
    ),
    ...(config.guard.length > 0 ? [`guarded by ${list(config.guard)}`] : []),
    ...(config.maintenance.length > 0 ? [count(config.maintenance.length, 'planned maintenance')] : []),
    `data in ${config.dataDir}, times in ${config.timezone}`,
  ];
}

function timesOf({checks}: Config): string {
  const regular = checks.filter(({at}) => at === undefined).map(({intervalMs}) => intervalMs);
  const planned = checks.length - regular.length;
  const [shortest, longest] = [Math.min, Math.max].map((pick) => regular.reduce((a, b) => pick(a, b), regular[0] ?? 0));
  const every = [...new Set([shortest, longest])].map((ms) => formatDuration(ms ?? 0)).join(' to ');
  if (planned === 0) return `every ${every}`;
  return regular.length === 0 ? 'at times of their own' : `every ${every}, ${planned} at times of their own`;
}

/** More names than this are counted, not listed. */
const NAMES_MAX = 10;

const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(', ');
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, number]) => `${number} ${word}`).join(', ');
}
