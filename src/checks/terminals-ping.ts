import {type ChildProcess, spawn} from 'node:child_process';
import {lookup} from 'node:dns/promises';
import net from 'node:net';
import type {Clock} from '../clock.ts';
import {reasonFor, seconds} from '../reach/failure.ts';
import type {Finding} from './check.ts';

/** Milliseconds between two echo requests, at most: a thousand a second disturbs no network worth the name. */
const SPACING_MS_MAX = 1;
/** What is left of the timeout for starting fping and reading its answer. */
const MARGIN = 0.1;
/** fping gets so long to end by itself once told to. */
const KILL_AFTER_MS = 500;
/** A line of fping's answer is under 100 bytes; this is room for the largest list, and a bound for a mad process. */
const OUTPUT_BYTES_MAX = 16 * 1024 ** 2;

const MISSING = 'fping is not installed: install it (apt-get install fping) or give tcp: PORT';
const NOT_PERMITTED =
  'fping may not send ICMP: as root, setcap cap_net_raw+ep "$(command -v fping)" (and no NoNewPrivileges without that ' +
  'capability), or give tcp: PORT';

interface Run {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** What the whole run may take. */
  readonly timeoutMs: number;
}

/**
 * Pings every address once, with one fping process for all of them; names are looked up first, side by side, since fping
 * does it one after the other. Never rejects. When the signal is aborted it kills fping and returns what it knows.
 */
export async function pingAll(addresses: readonly string[], {signal, clock, timeoutMs}: Run): Promise<Finding[]> {
  const began = clock.monotonic();
  const elapsed = () => clock.monotonic() - began;
  const failed = (target: string, reason: string): Finding => ({
    target,
    result: 'failed',
    reason,
    latencyMs: elapsed(),
  });
  const {resolved, findings} = await resolveNames(addresses, signal, failed);
  if (resolved.size === 0 || signal.aborted) return findings;
  const leftMs = timeoutMs - elapsed();
  const spacingMs = Math.min(SPACING_MS_MAX, leftMs / 2 / resolved.size);
  const waitMs = Math.max(1, Math.floor(leftMs * (1 - MARGIN) - spacingMs * resolved.size));
  const answer = await runFping([...new Set(resolved.values())], {spacingMs, waitMs}, {signal, clock});
  if (signal.aborted) return findings;
  for (const [target, ip] of resolved) {
    const rtt = answer.rtts.get(ip);
    if (typeof rtt === 'number') {
      findings.push({target, result: 'ok', reason: '', latencyMs: rtt, values: {loss_percent: 0, rtt_ms: rtt}});
    } else {
      const reason =
        rtt === null ? `no answer to a ping within ${seconds(waitMs)}` : (answer.problem ?? 'fping said nothing of it');
      findings.push({...failed(target, reason), ...(rtt === null && {values: {loss_percent: 100}})});
    }
  }
  return findings;
}

/** An IP address for each target, and a finding for each name that has none. */
async function resolveNames(
  addresses: readonly string[],
  signal: AbortSignal,
  failed: (target: string, reason: string) => Finding,
): Promise<{resolved: Map<string, string>; findings: Finding[]}> {
  const resolved = new Map<string, string>();
  const findings: Finding[] = [];
  const names: string[] = [];
  for (const address of addresses) {
    if (net.isIP(address) === 0) names.push(address);
    else resolved.set(address, address);
  }
  const lookups = names.map(async (name) => {
    try {
      resolved.set(name, (await lookup(name)).address);
    } catch (error) {
      findings.push(failed(name, reasonFor(error, {host: name})));
    }
  });
  // A lookup cannot be called off; past the deadline it ends by itself, heard by nobody.
  await Promise.race([Promise.all(lookups), aborted(signal, names.length > 0)]);
  return {resolved: new Map(resolved), findings: [...findings]};
}

function aborted(signal: AbortSignal, wanted: boolean): Promise<void> {
  if (!wanted || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), {once: true}));
}

interface Answer {
  /** Milliseconds by address; null: no answer. */
  readonly rtts: ReadonlyMap<string, number | null>;
  /** Why there is nothing of some address. */
  readonly problem?: string;
}

async function runFping(
  ips: readonly string[],
  {spacingMs, waitMs}: {spacingMs: number; waitMs: number},
  {signal, clock}: Pick<Run, 'signal' | 'clock'>,
): Promise<Answer> {
  // -C 1: one echo each, reported as `ADDRESS : 0.52` or `ADDRESS : -` on stderr; -q: nothing but that. Any user may
  // give a list on stdin; -f is root's.
  const args = ['-q', '-C', '1', '-t', String(waitMs), '-i', spacingMs.toFixed(3)];
  const child = spawn('fping', args, {stdio: ['pipe', 'ignore', 'pipe']});
  const {promise, resolve} = Promise.withResolvers<Answer>();
  let output = '';
  child.on('error', (error) => resolve({rtts: new Map(), problem: spawnProblem(error)}));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < OUTPUT_BYTES_MAX) output += text;
  });
  child.on('close', (code) => resolve(read(output, code)));
  // fping may end before it has read the list (EPIPE); its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(`${ips.join('\n')}\n`);
  const stop = () => kill(child, clock);
  signal.addEventListener('abort', stop, {once: true});
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function read(output: string, code: number | null): Answer {
  const rtts = new Map<string, number | null>();
  let other = '';
  for (const line of output.split('\n')) {
    const [, ip, rtt] = /^(\S+) +: (-|\d+(?:\.\d+)?)$/.exec(line) ?? [];
    if (ip !== undefined && rtt !== undefined) rtts.set(ip, rtt === '-' ? null : Number(rtt));
    else other ||= line.trim();
  }
  // fping(8), DIAGNOSTICS: 4 is a failed system call, of which the one that fails in practice is opening a raw socket.
  if (code === 4) return {rtts, problem: NOT_PERMITTED};
  return {rtts, problem: `fping failed (exit code ${code ?? 'none'}): ${other.slice(0, 100) || 'it said nothing'}`};
}

function spawnProblem(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return MISSING;
  return code === 'EACCES' || code === 'EPERM' ? NOT_PERMITTED : `fping did not start (${String(code)})`;
}

function kill(child: ChildProcess, clock: Clock): void {
  child.kill('SIGTERM');
  const cancel = clock.after(KILL_AFTER_MS, () => child.kill('SIGKILL'));
  child.once('close', cancel);
}
