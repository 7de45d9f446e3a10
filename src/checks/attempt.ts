import type {Cancel, Clock} from '../clock.ts';
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
export async function attempt(plan: Plan, signal: AbortSignal): Promise<readonly Finding[]> {
  const first = await once(plan, signal);
  // Nearly every run ends here, and there may be thousands a second.
  if (first.length === 1 && (first[0]?.result !== 'failed' || plan.spec.attempts === 1)) return first;
  return await again(plan, signal, first);
}

async function again(plan: Plan, signal: AbortSignal, first: readonly Finding[]): Promise<readonly Finding[]> {
  const {spec, clock, subjects} = plan;
  const findings = new Map(first.map((finding) => [finding.target, finding]));
  for (let tries = 1; ; tries++) {
    const failed = [...findings.values()].filter(({result}) => result === 'failed');
    if (failed.length === 0 || tries >= spec.attempts) break;
    await clock.sleep(spec.retryDelayMs, signal);
    if (signal.aborted) break;
    const targets = subjects[0] === undefined ? undefined : failed.flatMap(({target}) => target ?? []);
    for (const finding of await once({...plan, subjects: targets ?? subjects}, signal, targets)) {
      findings.set(finding.target, finding);
    }
  }
  return [...findings.values()];
}

async function once(plan: Plan, parent: AbortSignal, targets?: readonly string[]): Promise<readonly Finding[]> {
  const {probe, spec, clock} = plan;
  const began = clock.monotonic();
  const {promise, resolve} = Promise.withResolvers<readonly Finding[]>();
  const failAll = (reason: string) => resolve(allFailed(plan, reason, clock.monotonic() - began));
  const failAsBug = (error: unknown) => failAll(`bug in check ${spec.name}: ${describeBug(error)}`);
  let dismiss: Cancel = () => {};
  const {signal, cancel} = clock.deadline(spec.timeoutMs, parent, () => {
    dismiss = clock.after(GRACE_MS, () => failAll(reasonOfAbort(signal)));
  });
  try {
    probe(targets ? {signal, targets} : {signal}).then(resolve, failAsBug);
  } catch (error) {
    failAsBug(error);
  }
  const findings = await promise;
  cancel();
  dismiss();
  return findings;
}

function allFailed({subjects}: Plan, reason: string, latencyMs: number): Finding[] {
  return subjects.map((target) => ({...(target !== undefined && {target}), result: 'failed', reason, latencyMs}));
}

/** The type and place of a bug; its message stays out, since it may quote a header or an address. */
function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is not an Error was thrown';
  const place = /([\w.-]+\.ts:\d+)/.exec(error.stack ?? '')?.[1];
  return place ? `${error.name} at ${place}` : error.name;
}
