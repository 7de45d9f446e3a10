import net from 'node:net';
import type {Clock} from '../clock.ts';
import {reasonFor} from '../reach/failure.ts';
import type {Finding} from './check.ts';

/** Connection attempts in flight: far below the limits on open files, and gentle to a router's table of connections. */
const CONCURRENCY_MAX = 256;
/** A terminal on a mobile line may need most of a second for one round trip. */
const CONNECT_MS_MIN = 1_000;

interface Run {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Connects to one port of every address, `CONCURRENCY_MAX` at a time. Each gets an equal share of the timeout, and no
 * less than `CONNECT_MS_MIN`; an address whose turn did not come is inconclusive. Never rejects.
 */
export async function connectAll(addresses: readonly string[], port: number, run: Run): Promise<Finding[]> {
  const waves = Math.ceil(addresses.length / CONCURRENCY_MAX);
  const eachMs = waves <= 1 ? run.timeoutMs : Math.max(CONNECT_MS_MIN, (0.9 * run.timeoutMs) / waves);
  const queue = addresses.values();
  const findings: Finding[] = [];
  const work = async () => {
    for (const address of queue) {
      findings.push(
        run.signal.aborted
          ? notTried(address, addresses.length)
          : await connectOne(address, port, {...run, timeoutMs: eachMs}),
      );
    }
  };
  await Promise.all(Array.from({length: Math.min(CONCURRENCY_MAX, addresses.length)}, work));
  return findings;
}

async function connectOne(target: string, port: number, {signal: parent, clock, timeoutMs}: Run): Promise<Finding> {
  const began = clock.monotonic();
  const {signal, cancel} = clock.deadline(timeoutMs, parent);
  const {promise, resolve} = Promise.withResolvers<unknown>();
  const socket = net.connect({host: target, port, noDelay: true});
  const stop = () => resolve(signal.reason);
  socket.once('connect', () => resolve(undefined)).on('error', resolve);
  signal.addEventListener('abort', stop, {once: true});
  const error = await promise;
  signal.removeEventListener('abort', stop);
  const reason = error === undefined ? '' : reasonFor(error, {signal, host: target});
  cancel();
  if (error === undefined) socket.destroySoon();
  else socket.destroy();
  const latencyMs = clock.monotonic() - began;
  if (reason) return {target, result: 'failed', reason, latencyMs, values: {loss_percent: 100}};
  return {target, result: 'ok', reason: '', latencyMs, values: {loss_percent: 0, rtt_ms: latencyMs}};
}

function notTried(target: string, count: number): Finding {
  const reason = `not reached in time: ${count} addresses need a longer timeout`;
  return {target, result: 'inconclusive', reason, latencyMs: 0};
}
