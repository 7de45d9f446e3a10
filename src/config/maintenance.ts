import type {z} from 'zod';
import {matchesGlob, parseSelector} from '../state/silences.ts';
import type {MaintenanceConfig} from './config.ts';
import type {RawChecks} from './dependencies.ts';
import type {configKeys} from './keys.ts';
import {expectName, orOneOf} from './references.ts';
import type {Report} from './report.ts';
import {didYouMean} from './suggest.ts';

type Entries = NonNullable<z.output<typeof configKeys>['maintenance']>;

/** Reports selectors that mean no check, unknown windows, and entries that do not say when. Takes them as read. */
export function checkMaintenance(
  entries: unknown,
  known: {readonly checks: RawChecks; readonly windows: ReadonlySet<string>},
  report: Report,
): void {
  if (!Array.isArray(entries)) return;
  const selectable = createSelectable(known.checks);
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue;
    const path = ['maintenance', index];
    const {checks, window, ...times}: Partial<Record<string, unknown>> = {...entry};
    for (const [place, selector] of Array.isArray(checks) ? checks.entries() : [[undefined, checks] as const])
      expectSelected(selector, [...path, 'checks', ...(place === undefined ? [] : [place])], selectable, report);
    expectName(window, [...path, 'window'], {kind: 'window', names: known.windows}, report);
    const wrong = whenWords(window !== undefined, times.at !== undefined, times.for !== undefined);
    if (wrong !== undefined) report.problem(path, wrong);
  }
}

/** Of entries that are all right: each has either a window, or a time and a duration. */
export function maintenanceOf(entries: Entries | undefined): readonly MaintenanceConfig[] {
  return (entries ?? []).map(({checks, window, at, for: forMs}): MaintenanceConfig => {
    const selectors = [checks].flat().map(parseSelector);
    if (window !== undefined) return {kind: 'window', checks: selectors, window};
    return {kind: 'cron', checks: selectors, at: at ?? '', forMs: forMs ?? 0};
  });
}

function whenWords(hasWindow: boolean, hasAt: boolean, hasFor: boolean): string | undefined {
  if (hasWindow && (hasAt || hasFor)) return 'expected either window, or at and for, found both; remove one';
  if (hasWindow || (hasAt && hasFor)) return undefined;
  if (hasAt) return 'expected at and for, found no for; add how long it takes, such as for: 2h';
  if (hasFor) return "expected at and for, found no at; add when it begins, such as at: '0 3 * * 0'";
  return 'expected window, or at and for, found neither; add the name of one of time_intervals';
}

interface Selectable {
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

function createSelectable(checks: RawChecks): Selectable {
  return {names: new Set(checks.keys()), groups: groupsOf(checks)};
}

/** The groups that checks say they are in. */
export function groupsOf(checks: RawChecks): ReadonlySet<string> {
  return new Set([...checks.values()].flatMap(({group}) => (typeof group === 'string' ? [group] : [])));
}

function expectSelected(
  text: unknown,
  path: readonly PropertyKey[],
  {names, groups}: Selectable,
  report: Report,
): void {
  if (typeof text !== 'string') return;
  const got = `got ${JSON.stringify(text.slice(0, 64))}`;
  const what = parseSelector(text);
  switch (what.kind) {
    case 'all':
      return undefined;
    case 'check':
      return expectName(what.name, path, {kind: 'check', names}, report);
    case 'group': {
      if (groups.has(what.group)) return undefined;
      const group = didYouMean(what.group, groups) || `; define it as group on a check${orOneOf(groups)}`;
      return report.problem(path, `expected group: and the name of a group, ${got}${group}`);
    }
    case 'glob': {
      for (const name of names) if (matchesGlob(what.glob, name)) return undefined;
      return report.problem(path, `expected a glob that means at least one check, ${got}; change it${orOneOf(names)}`);
    }
  }
}
