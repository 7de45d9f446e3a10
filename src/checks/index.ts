import {readdir} from 'node:fs/promises';
import type {Clock} from '../clock.ts';
import type {Observation} from '../state/vocabulary.ts';
import {attempt} from './attempt.ts';
import type {CheckMemory, CheckSpec, Finding, Kind, PrepareUse, Probe, Report} from './check.ts';

/** Every kind of check, by the word after `type:`: one for each file of this folder that has a default export. */
export const kinds: ReadonlyMap<string, Kind> = await findKinds();

export {strayCheck} from './custom-run.ts';

interface CheckLog {
  info(fields: {readonly check: string}, text: string): void;
}

export interface Run {
  /** Runs the check once; resolves to nothing at all when the signal was aborted, since then nothing is known. */
  (signal: AbortSignal): Promise<Observation[]>;
  readonly host: string | undefined;
  /** Lets go of what is held between the runs. */
  readonly close: (() => void) | undefined;
  /** Of a check that is reported to. */
  readonly receive: ((report: Report) => Observation[]) | undefined;
  readonly lastReport: Probe['lastReport'];
}

/** Makes a configured check ready to run. The run never rejects. Throws for a kind that does not exist: a bug. */
export function prepareCheck(
  given: CheckSpec,
  use: {clock: Clock; memory?: CheckMemory; log?: CheckLog} & Pick<PrepareUse, 'timezone' | 'reachableSince'>,
): Run {
  const {clock, log} = use;
  const kind = kinds.get(given.kind);
  if (!kind) throw new Error(`no such kind of check: ${given.kind}`);
  const spec = kind.singleTry ? {...given, attempts: 1} : given;
  const write = log && ((text: string) => log.info({check: given.name}, text));
  const probe = kind.prepare(spec.options, {...use, timeoutMs: spec.timeoutMs, log: write});
  const subjects = kind.targets?.(spec.options).map(({address}) => address) ?? [undefined];
  const run = async (signal: AbortSignal) => {
    if (signal.aborted) return [];
    const at = clock.now();
    const findings = await attempt({probe, spec, clock, subjects}, signal);
    return signal.aborted ? [] : findings.map((finding) => observationOf(spec.name, at, finding));
  };
  const {close, receive, lastReport} = probe;
  const hear =
    receive && ((report: Report) => receive(report).map((found) => observationOf(spec.name, clock.now(), found)));
  return Object.assign(run, {host: kind.host?.(spec.options), close, receive: hear, lastReport});
}

function observationOf(check: string, at: number, finding: Finding): Observation {
  return {check, at, ...finding};
}

async function findKinds(): Promise<ReadonlyMap<string, Kind>> {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  const modules: {default?: Kind}[] = await Promise.all(files.sort().map((name) => import(`./${name}`)));
  const found = new Map<string, Kind>();
  for (const {default: kind} of modules) {
    if (!kind) continue;
    if (found.has(kind.name)) throw new Error(`two kinds of check are called ${kind.name}`);
    found.set(kind.name, kind);
  }
  return found;
}
