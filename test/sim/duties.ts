import type {Config} from '../../src/config/config.ts';
import type {DutyOverride} from '../../src/state/rotation.ts';
import type {CardMessage} from '../../src/state/vocabulary.ts';
import type {Commit} from '../../src/store/store.ts';
import {MINUTE} from './draw.ts';

const DAY = 1_440 * MINUTE;

/** Who is on call, worked out a second time: the drawn turns last a day each, in UTC. */
export class Duties {
  readonly #fail: (sentence: string) => void;
  readonly #overrides = new Map<string, DutyOverride>();

  constructor(fail: (sentence: string) => void) {
    this.#fail = fail;
  }

  /** Only orders change who stands in, and they are in the audit. */
  committed({overrides = new Map(), audit}: Commit): void {
    for (const [rotation, override] of overrides) {
      // All that is known is written anew when the file was damaged.
      if (!audit && this.#overrides.get(rotation)?.at !== override?.at) this.#fail(`${rotation} was changed by nobody`);
      if (override) this.#overrides.set(rotation, override);
      else this.#overrides.delete(rotation);
    }
  }

  /** A call goes to the one who is on call at that moment, and to nobody else. */
  checkCard({reason, channel, calls, incidents}: CardMessage, {oncall}: Config, now: number): void {
    if (!channel.startsWith('person:') || reason !== 'escalation') return;
    const on = [...oncall.keys()].map((name) => this.#onCall(name, oncall, now));
    const [id] = on;
    if (channel !== `person:${id}`) this.#fail(`${channel} was called, and ${id} is on call`);
    const isWaiting = incidents.some(({closedAt, acknowledged}) => closedAt === undefined && !acknowledged);
    if (!isWaiting) this.#fail(`${channel} was called for nothing`);
    if (calls?.id !== id) this.#fail(`${channel} was not told of being called`);
  }

  #onCall(name: string, oncall: Config['oncall'], now: number): number | undefined {
    const override = this.#overrides.get(name);
    if (override && now < override.until) return override.person.id;
    const rotation = oncall.get(name);
    if (!rotation) return undefined;
    const {people, startDay, minute} = rotation;
    const turns = Math.floor((now - minute * MINUTE) / DAY) - startDay;
    return people.at(turns % people.length)?.id;
  }
}
