import {expectNames, type Known} from './references.ts';
import type {Report} from './report.ts';

/** What the file says of a check, right or wrong. */
export type RawChecks = ReadonlyMap<string, {readonly depends_on?: unknown; readonly group?: unknown}>;

/** Reports parents and guards that are no checks, guards that depend on something, and circles. */
export function checkDependencies(guard: unknown, checks: RawChecks, report: Report): void {
  const known: Known = {kind: 'check', names: new Set(checks.keys())};
  expectNames(guard, ['guard'], known, report);
  const guards = new Set<unknown>(Array.isArray(guard) ? guard : []);
  const parents = new Map<string, readonly string[]>();
  for (const [name, {depends_on: list}] of checks) {
    const path = ['checks', name, 'depends_on'];
    expectNames(list, path, known, report);
    if (!Array.isArray(list) || list.length === 0) continue;
    parents.set(name, list.map(String));
    if (guards.has(name))
      report.problem(path, 'expected none, as a guard proves the network by itself; remove them, or it from guard');
  }
  reportCircles(parents, report);
}

/** Depth first, without recursion: a chain may be as long as there are checks. An edge back to the path closes a circle. */
function reportCircles(parents: ReadonlyMap<string, readonly string[]>, report: Report): void {
  const done = new Set<string>();
  for (const first of parents.keys()) {
    if (done.has(first)) continue;
    const path = [{name: first, next: 0}];
    const places = new Map([[first, 0]]);
    for (let here = path.at(-1); here; here = path.at(-1)) {
      const index = here.next++;
      const parent = parents.get(here.name)?.[index];
      if (parent === undefined) {
        path.pop();
        places.delete(here.name);
        done.add(here.name);
        continue;
      }
      const place = places.get(parent);
      if (place !== undefined) {
        const circle = path.slice(place).map(({name}) => name);
        report.problem(['checks', here.name, 'depends_on', index], circleWords(circle));
      } else if (parents.has(parent) && !done.has(parent)) {
        places.set(parent, path.length);
        path.push({name: parent, next: 0});
      }
    }
  }
}

/** More names than this are not shown. */
const CIRCLE_NAMES_MAX = 8;

function circleWords(circle: readonly string[]): string {
  if (circle.length === 1) return 'expected other checks, got this one itself; remove it';
  const shown = circle.length > CIRCLE_NAMES_MAX ? [...circle.slice(0, CIRCLE_NAMES_MAX), '…'] : circle;
  return `expected no circle, found ${[...shown, circle[0]].join(' → ')}; remove one of these`;
}
