import {availableParallelism} from 'node:os';
import type {Clock} from '../clock.ts';
import {localMounts, readDisks} from './system-disks.ts';
import {readNewest} from './system-files.ts';
import {type CpuTimes, cpuPercent, readCpu, readLoad, readMemory, readUptime} from './system-memory.ts';
import {countProcesses} from './system-processes.ts';
import {readUnits} from './system-units.ts';

export interface Wanted {
  readonly disk: 'all' | readonly string[];
  readonly process: readonly string[];
  readonly unit: readonly string[];
  readonly file: readonly string[];
  /** The variables that expectations mention. */
  readonly uses: ReadonlySet<string>;
}

/** What the variables of expectations stand for; only what was wanted is in it. */
export interface Measured {
  readonly numbers: Readonly<Record<string, number>>;
  readonly disk_percent: Readonly<Record<string, number>>;
  readonly inode_percent: Readonly<Record<string, number>>;
  readonly process_count: Readonly<Record<string, number>>;
  readonly unit_state: Readonly<Record<string, string>>;
  readonly file_exists: Readonly<Record<string, boolean>>;
  readonly file_age_s: Readonly<Record<string, number>>;
  readonly file_bytes: Readonly<Record<string, number>>;
}

/** The first run has nothing to compare with, and looks at the processors for this long. */
const FIRST_LOOK_MS = 250;

type Use = {readonly signal: AbortSignal; readonly clock: Clock};

/** A function that measures what is wanted, and remembers the processors' times for the next run. */
export function createMeasure(wanted: Wanted): (use: Use) => Promise<Measured> {
  let lastCpu: CpuTimes | undefined;
  const cpu = async ({signal, clock}: Use) => {
    const before = lastCpu ?? (await readCpu());
    if (!lastCpu) await clock.sleep(FIRST_LOOK_MS, signal);
    lastCpu = await readCpu();
    return {cpu_percent: cpuPercent(before, lastCpu)};
  };
  const uses = (...names: readonly string[]) => names.some((name) => wanted.uses.has(name));
  return async (use) => {
    const [disks, processes, units, files, ...numbers] = await Promise.all([
      readDisks(wanted.disk === 'all' ? await localMounts() : wanted.disk),
      wanted.process.length > 0 ? countProcesses(wanted.process) : new Map<string, number>(),
      wanted.unit.length > 0 ? readUnits(wanted.unit, use) : new Map<string, string>(),
      readFiles(wanted.file, use.clock),
      uses('cpu_percent') ? cpu(use) : {},
      uses('load1', 'load5', 'load15') ? readLoad() : {},
      uses('mem_percent', 'swap_percent') ? readMemory() : {},
      uses('uptime_s') ? readUptime().then((uptime_s) => ({uptime_s})) : {},
    ]);
    return {
      numbers: Object.assign({}, ...numbers),
      disk_percent: Object.fromEntries([...disks].map(([path, {blocks}]) => [path, blocks])),
      inode_percent: Object.fromEntries([...disks].map(([path, {inodes}]) => [path, inodes])),
      process_count: Object.fromEntries(processes),
      unit_state: Object.fromEntries(units),
      ...files,
    };
  };
}

/** For the history: `load1`, `disk_percent:/var`, `process_count:nginx`, `file_age_s:/var/backup.sql`. */
export function historyValues({numbers, ...maps}: Measured): Record<string, number> {
  const keyed = Object.entries(maps).flatMap(([name, map]) =>
    Object.entries(map).flatMap(([key, value]) => (typeof value === 'number' ? [[`${name}:${key}`, value]] : [])),
  );
  return {...numbers, ...Object.fromEntries(keyed)};
}

/** The values of expectations; numbers that were not measured are not in it, as none of them mentions one. */
export function expectationValues({numbers, ...maps}: Measured): Record<string, unknown> {
  return {...numbers, ...maps, cpus: BigInt(availableParallelism())};
}

async function readFiles(paths: readonly string[], clock: Clock) {
  const found = await Promise.all(paths.map(async (path) => ({path, facts: await readNewest(path)})));
  const present = found.flatMap(({path, facts}) => (facts ? [{path, facts}] : []));
  return {
    file_exists: Object.fromEntries(found.map(({path, facts}) => [path, facts !== undefined])),
    // A clock that was corrected may put a file into the future; that is new, not younger than new.
    file_age_s: Object.fromEntries(
      present.map(({path, facts}) => [path, Math.max(0, clock.now() - facts.modifiedAt) / 1000]),
    ),
    file_bytes: Object.fromEntries(present.map(({path, facts}) => [path, facts.bytes])),
  };
}
