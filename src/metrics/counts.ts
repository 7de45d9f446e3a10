import type {Outcome} from '../bot/channels/channel.ts';
import type {Observation, Result} from '../state/vocabulary.ts';

export const NO_OBSERVATIONS: Readonly<Record<Result, number>> = {ok: 0, failed: 0, inconclusive: 0};
export const NO_DELIVERIES: Readonly<Record<Outcome['kind'], number>> = {
  ...{delivered: 0, needless: 0, retry: 0},
  ...{doubt: 0, refused: 0, migrated: 0},
};
/** Answers go to the chats that asked: they are counted together, as a chat's id is nobody's business. No channel can be called so. */
export const ANSWERS = '(answers)';

/** What can only be counted while it happens: plain numbers, by check and by channel. */
export class Counts {
  readonly observations = new Map<string, Record<Result, number>>();
  readonly deliveries = new Map<string, Record<Outcome['kind'], number>>();
  skippedRuns = 0;

  observed({check, result}: Observation): void {
    const known = this.observations.get(check);
    const counted = known ?? {...NO_OBSERVATIONS};
    counted[result]++;
    if (!known) this.observations.set(check, counted);
  }

  delivered(channel: string, outcome: Outcome['kind']): void {
    const counted = this.deliveries.get(channel) ?? {...NO_DELIVERIES};
    counted[outcome]++;
    this.deliveries.set(channel, counted);
  }

  /** Forgets what is no longer configured. */
  keep(checks: ReadonlySet<string>, channels: ReadonlySet<string>): void {
    for (const check of this.observations.keys()) if (!checks.has(check)) this.observations.delete(check);
    for (const channel of this.deliveries.keys()) if (!channels.has(channel)) this.deliveries.delete(channel);
  }
}

/** A lane's channel: `chat:ID` is where an answer goes. */
export function channelOfLane(lane: string): string {
  return lane.startsWith('chat:') ? ANSWERS : lane;
}
