import {readFile} from 'node:fs/promises';
import {Refusal} from '../reach/failure.ts';

/** Percent of memory that is not available, and of swap that is used (0 without swap); proc(5), /proc/meminfo. */
export async function readMemory(): Promise<{mem_percent: number; swap_percent: number}> {
  const text = await readProc('/proc/meminfo');
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const used = (free: number, total: number) => (total > 0 ? 100 * (1 - free / total) : 0);
  return {
    mem_percent: used(kib('MemAvailable'), kib('MemTotal')),
    swap_percent: used(kib('SwapFree'), kib('SwapTotal')),
  };
}

/** The load averages of one, five and fifteen minutes. */
export async function readLoad(): Promise<{load1: number; load5: number; load15: number}> {
  const [load1 = Number.NaN, load5 = Number.NaN, load15 = Number.NaN] = (await readProc('/proc/loadavg'))
    .split(' ')
    .map(Number);
  return {load1, load5, load15};
}

/** Seconds since the machine was booted. */
export async function readUptime(): Promise<number> {
  return Number.parseFloat(await readProc('/proc/uptime'));
}

/** Jiffies since boot of all processors together. */
export interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

/** Idle, and waiting for a disk, are not busy; time stolen by the host of a virtual machine is (proc(5), /proc/stat). */
export async function readCpu(): Promise<CpuTimes> {
  const [line = ''] = (await readProc('/proc/stat')).split('\n', 1);
  // user nice system idle iowait irq softirq steal; what guests take is already in user.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return {busy, all: busy + idle + iowait};
}

/** Percent of all processors between two looks; 0 where no time has passed. */
export function cpuPercent(before: CpuTimes, after: CpuTimes): number {
  const all = after.all - before.all;
  return all > 0 ? Math.min(100, Math.max(0, (100 * (after.busy - before.busy)) / all)) : 0;
}

async function readProc(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new Refusal(`${path} cannot be read: this needs Linux`);
  }
}
