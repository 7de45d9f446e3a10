import type {Clock} from '../clock.ts';
import {afterAbort} from '../reach/after-abort.ts';
import {reasonOfAbort} from '../reach/failure.ts';
import type {CheckSpec, Finding, Probe} from './check.ts';

/** A probe that has not let go this long after its signal was aborted is broken, and is not waited for. */
const GRACE_MS = 2_000;

interface Plan {
  readonly probe: Probe;
  readonly spec: CheckSpec;
  readonly clock: Clock;
  /** What the check covers; a bug is reported once for each, so that every counter hears of it. */
  readonly subjects: readonly (string | undefined)[];
}

/**
 * Tries a probe up to `attempts` times, `retryDelayMs` apart; each try has `timeoutMs` of its own. Only the targets that
 * failed are tried again, and what is inconclusive is not. Never rejects. When `signal` is aborted it returns early;
 * its caller then throws the findings away.
 */
export async function attempt({probe, spec, clock, subjects}: Plan, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings = new Map<string | undefined, Finding>();
  let targets: readonly string[] | undefined;
  for (let tries = 1; ; tries++) {
    for (const finding of await once({probe, spec, clock, subjects: targets ?? subjects}, signal, targets)) {
      findings.set(finding.target, finding);
    }
    const failed = [...findings.values()].filter(({result}) => result === 'failed');
    if (failed.length === 0 || tries >= spec.attempts) break;
    await clock.sleep(spec.retryDelayMs, signal);
    if (signal.aborted) break;
    targets = subjects[0] === undefined ? undefined : failed.flatMap(({target}) => target ?? []);
  }
  return [...findings.values()];
}

async function once(plan: Plan, parent: AbortSignal, targets?: readonly string[]): Promise<readonly Finding[]> {
  const {probe, spec, clock, subjects} = plan;
  const began = clock.monotonic();
  const all = (reason: string): Finding[] =>
    subjects.map((target) => ({
      ...(target !== undefined && {target}),
      result: 'failed',
      reason,
      latencyMs: clock.monotonic() - began,
    }));
  const {signal, cancel} = clock.deadline(spec.timeoutMs, parent);
  const stuck = afterAbort(signal, {clock, ms: GRACE_MS});
  try {
    const late = stuck.promise.then(() => all(reasonOfAbort(signal)));
    return await Promise.race([probe({signal, ...(targets && {targets})}), late]);
  } catch (error) {
    return all(`bug in check ${spec.name}: ${describeBug(error)}`);
  } finally {
    cancel();
    stuck.cancel();
  }
}

/** The type and place of a bug; its message stays out, since it may quote a header or an address. */
function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is not an Error was thrown';
  const place = /([\w.-]+\.ts:\d+)/.exec(error.stack ?? '')?.[1];
  return place ? `${error.name} at ${place}` : error.name;
}
