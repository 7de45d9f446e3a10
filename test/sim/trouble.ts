import type {HoldReason} from '../../src/state/vocabulary.ts';

/** One stretch of a check's being false, as the oracle knows it. */
export interface Trouble {
  readonly check: string;
  readonly openedAt: number;
  closedAt?: number;
  removed?: true;
  /** Channels whose message about it was queued, … */
  readonly told: Set<string>;
  /** … and the one about its end. */
  readonly toldOver: Set<string>;
  readonly escalated: Set<string>;
  readonly remindedAt: Map<string, number>;
  /** Why it had to wait, so far. */
  readonly waited: Set<HoldReason>;
  /** Since when nothing keeps people from being told what they are owed of it; monotonic. */
  freeSince?: number;
  /** Its card is in the fallback's hands. */
  handedOver?: true;
  /** It may have been told by a message about the check's flapping. */
  flapped?: true;
}
