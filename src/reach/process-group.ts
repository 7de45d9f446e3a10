import {type ChildProcess, spawn} from 'node:child_process';
import type {Clock} from '../clock.ts';
import {type Keep, keepStart} from './output.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of the child's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface Exit {
  /** Null: a signal ended it, or our own deadline. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Ended extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** What is kept of each stream; the rest is read, so that the program can end, and dropped. */
const OUTPUT_BYTES_MAX = 64 * 1024;
/** So long after SIGTERM comes SIGKILL. */
const KILL_AFTER_MS = 500;
/** So long after the program's end its last words may still lie in the pipe; more only if a child of it holds the pipe. */
const DRAIN_MS = 200;

/** As `superviseProcess`, with the beginning of what the program says. */
export async function runProcess(command: Command, use: Pick<Use, 'signal' | 'clock'>): Promise<Ended> {
  const kept = {stdout: () => '', stderr: () => ''};
  const keep: Keep = ({stdout, stderr}) => {
    Object.assign(kept, {stdout: keepStart(stdout, OUTPUT_BYTES_MAX), stderr: keepStart(stderr, OUTPUT_BYTES_MAX)});
  };
  const exit = await superviseProcess(command, {...use, keep});
  return {...exit, stdout: kept.stdout(), stderr: kept.stderr()};
}

interface Use {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly keep: Keep;
  /** What the program leaves behind when it ends by itself goes on: it may have started a service. */
  readonly sparesChildren?: boolean;
}

/**
 * Runs a program as the leader of a process group of its own. The group is killed when the signal aborts (SIGTERM, then
 * SIGKILL), and, unless it is to be spared, whatever the program leaves behind in it. Rejects with what kept the program from starting.
 */
export async function superviseProcess(
  {program, args, cwd, env}: Command,
  {signal, clock, keep, sparesChildren}: Use,
): Promise<Exit> {
  signal.throwIfAborted();
  const child = spawn(program, args, {cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe']});
  keep(child);
  const stop = () => stopGroup(child, clock);
  signal.addEventListener('abort', stop, {once: true});
  try {
    const {code, by} = await ended(child);
    if (!sparesChildren || signal.aborted) killGroup(child, 'SIGKILL');
    await drained(child, clock);
    return {code, signal: by};
  } finally {
    signal.removeEventListener('abort', stop);
    // A grandchild in a group of its own may hold the pipes for ever; we let go of our ends.
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function ended(child: ChildProcess): Promise<{code: number | null; by: string | null}> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => resolve({code, by}));
  });
}

function drained(child: ChildProcess, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const open = [child.stdout, child.stderr].filter((stream) => stream && !stream.closed);
    if (open.length === 0) return resolve();
    const cancel = clock.after(DRAIN_MS, resolve);
    child.once('close', () => {
      cancel();
      resolve();
    });
  });
}

function stopGroup(child: ChildProcess, clock: Clock): void {
  killGroup(child, 'SIGTERM');
  const cancel = clock.after(KILL_AFTER_MS, () => killGroup(child, 'SIGKILL'));
  child.once('exit', cancel);
}

/** Also after the leader's end, as the group lives as long as one of its processes. */
function killGroup({pid}: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}
